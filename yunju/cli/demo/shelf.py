"""What the demonstration sells: suppliers, their freight, their offers. Words and prices only; `goods` makes them."""

from collections.abc import Iterator
from dataclasses import dataclass

from yunju.catalog.freight import FreightTerms

CATEGORIES = (
    ("ceramics", "陶瓷", "Ceramics"),
    ("bamboo", "竹编", "Bamboo weaving"),
    ("prints", "木版年画", "Woodblock prints"),
    ("letterpress", "活字文具", "Letterpress stationery"),
    ("silver", "银饰", "Silver jewellery"),
    ("teaware", "茶器", "Tea ware"),
    ("textile", "布艺染织", "Textiles"),
    ("toys", "木玩", "Wooden toys"),
)
FAR = {"新疆": 1_500, "西藏": 1_500, "内蒙古": 800, "青海": 800}


@dataclass(frozen=True, slots=True)
class Studio:
    """A supplier: `category` is also its key. `site` 0 or 1 is a site of the park, None a seat in the cloud."""

    category: str
    name: str
    province: str
    city: str
    story: str
    freight: FreightTerms
    site: int | None = None


STUDIOS = (
    Studio(
        "ceramics",
        "景德镇青禾窑",
        "江西",
        "景德镇",
        "三个人的小窑，拉坯、画青花、烧柴窑都在一个院子里。\n\nA kiln of three people: thrown, painted and fired in one yard.",
        FreightTerms(
            kind="weight",
            first_g=1_000,
            first_minor=1_200,
            next_g=1_000,
            next_minor=500,
            surcharges=FAR,
            not_served=frozenset({"香港", "澳门", "台湾"}),
        ),
    ),
    Studio(
        "bamboo",
        "安吉竹语编坊",
        "浙江",
        "湖州",
        "用自家山上的毛竹，冬天砍，春天编。\n\nBamboo from our own hill, cut in winter and woven in spring.",
        FreightTerms(kind="flat", flat_minor=1_000, free_over_minor=19_900),
    ),
    Studio(
        "prints",
        "桃花坞木版年画社",
        "江苏",
        "苏州",
        "一版一色，手工套印，老版新刻并存。\n\nOne block for each colour, printed by hand from old and new blocks.",
        FreightTerms(kind="flat", flat_minor=800, free_over_minor=9_900),
        1,
    ),
    Studio(
        "letterpress",
        "字里行间活字社",
        "安徽",
        "芜湖",
        "救下一间印刷厂的铅字，接着印本子和请柬。\n\nWe saved the type of a closed printing works and go on printing with it.",
        FreightTerms(kind="free"),
        0,
    ),
    Studio(
        "silver",
        "苗岭银坊",
        "贵州",
        "黔东南",
        "雷山老银匠带着四个徒弟，錾花全用手。\n\nAn old silversmith of Leishan and four apprentices, chased by hand.",
        FreightTerms(
            kind="flat", flat_minor=1_500, free_over_minor=29_900, surcharges={"新疆": 1_000, "西藏": 1_000}
        ),
    ),
    Studio(
        "teaware",
        "宜兴一壶茶器",
        "江苏",
        "无锡",
        "紫砂泥料陈放三年以上，一人一壶做到底。\n\nClay aged three years; one maker for each pot from start to end.",
        FreightTerms(
            kind="weight", first_g=1_000, first_minor=1_000, next_g=500, next_minor=300, surcharges=FAR
        ),
    ),
    Studio(
        "textile",
        "蓝夹缬布坊",
        "浙江",
        "温州",
        "雕版夹布，靛蓝浸染，温州只剩几家还在做。\n\nCloth clamped between carved boards and dyed in indigo.",
        FreightTerms(kind="flat", flat_minor=800),
        1,
    ),
    Studio(
        "toys",
        "小满木玩",
        "安徽",
        "芜湖",
        "榉木边角料做的玩具，不上漆，只打蜡。\n\nToys from beech offcuts, waxed and never painted.",
        FreightTerms(kind="free"),
        0,
    ),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A variant: its option value, price and weight, and how many there are."""

    option: str
    price_minor: int
    weight_g: int
    pieces: int


@dataclass(frozen=True, slots=True)
class Thing:
    """An offer in words. `shop_bp` and `designer_bp` are basis points of its price."""

    category: str
    title: str
    chinese: str
    english: str
    option_name: str
    kinds: tuple[Kind, ...]
    shop_bp: int
    designer_bp: int


# category | title | Chinese | English | option name | option=yuan/grams/pieces, ... | shop % | designer %
_SHELF = """
ceramics|青花缠枝莲茶杯|釉下青花手绘缠枝莲，胎薄透光，一对成双更好看。|Tea cup with a hand-painted scrolling lotus under the glaze.|件数|单只=68/220/60,一对礼盒=128/520/40|15|0
ceramics|柴窑自然落灰小花瓶|柴火烧三天三夜，灰釉落在哪里由火决定，没有两只一样。|Bud vase, wood-fired for three days; the ash decides the glaze.|高度|12 厘米=198/640/18,18 厘米=298/1100/12|18|0
ceramics|影青刻花碗|半刀泥刻出水波，釉色青里泛白，盛汤正好。|Celadon bowl with carved waves, sized for soup.|口径|13 厘米=88/380/50,16 厘米=118/520/40|15|0
ceramics|青花分水山水笔筒|分水法染出五层墨色，放在案头就是一段远山。|Brush pot with a landscape in five tones of blue.|款式|远山=268/900/15,江岸=268/900/15|18|6
ceramics|粉彩石榴小碟|石榴开口笑，一套四只，装点心、放戒指都可以。|Set of four little dishes with pomegranates.|件数|四只=158/600/30|12|0
bamboo|竹编手提茶篮|细篾编成，装一壶四杯出门喝茶，提手用老藤缠过。|Hand-woven basket for a pot and four cups.|颜色|本色=239/780/20,烟熏=259/780/16|18|0
bamboo|六角眼竹灯罩|六角眼透光，墙上会有一圈花影，配普通螺口灯座。|Lamp shade of open hexagons that throws flowers on the wall.|直径|25 厘米=168/420/25,35 厘米=228/650/18|20|8
bamboo|竹丝扣瓷茶杯|竹丝贴着瓷胎编，一根不断，热水握着不烫手。|Porcelain cup sheathed in bamboo threads; hot tea, cool hand.|颜色|本色=128/240/40,墨色=138/240/30|15|0
bamboo|竹编收纳篮三件套|大中小三只叠放，放书放菜放玩具。|Three nesting baskets for books, vegetables or toys.|尺寸|一套=189/1300/22|12|0
bamboo|手工竹蜻蜓|老法子削的竹蜻蜓，一搓就飞，三支一包。|Bamboo dragonflies that really fly, three in a bag.|件数|三支=29.9/60/150|10|0
prints|一团和气木版年画|桃花坞名作，六套色手工套印，宣纸，可裱可贴。|The famous print of harmony, six blocks, on xuan paper.|装帧|单张=80/90/80,装框=238/1400/20|20|0
prints|四季花卉小条屏|梅兰竹菊四张一套，窄窄一条，适合玄关。|Four narrow prints of the seasons for a hallway.|装帧|一套四张=168/160/40|20|0
prints|姑苏繁华藏书票|二十枚一盒，老姑苏的桥、船、塔、街。|Twenty bookplates of old Suzhou: bridges, boats, pagodas.|件数|一盒=58/120/90|15|8
prints|年画红包封套|烫金不如套印，六个图案一包，过年不撞款。|Red envelopes printed from blocks, six designs in a pack.|件数|六个=26/80/200|12|8
prints|木版年画体验包|一块小版、三色墨、十张纸，在家就能印一张。|A small block, three inks, ten sheets: print your own at home.|款式|小老虎=118/560/35,大公鸡=118/560/35|18|0
letterpress|铅字印横线本|真铅字压印封面，摸得到凹凸，内页 128 面不洇墨。|Lined notebook with a cover printed from lead type.|尺寸|A5=48/260/120,A6=36/150/120|15|6
letterpress|定制姓名藏书章|你的名字用活字拼出来，盖在扉页；定制品不支持七天无理由退货。|A bookplate stamp set with your name; made to order, so it cannot be returned without a reason.|字体|宋体=98/180/40,楷体=98/180/40|15|0
letterpress|二十四节气信笺|二十四张信纸二十四个节气，配信封，写信的人会喜欢。|Twenty-four sheets of letter paper, one for each solar term.|件数|一套=68/320/70|18|8
letterpress|活字请柬十份|凸版压印，双面厚卡，婚礼、开业、满月都合用。|Ten invitation cards, letterpress on thick board.|颜色|米白=128/420/60,朱红=128/420/50|12|0
letterpress|印刷厂老字样万年历|用救下来的铅字排成，年年能用，挂墙或立桌都行。|A perpetual calendar set in the type we saved.|装帧|立桌=39/90/80,挂墙=79/240/40|15|0
silver|苗银錾花手镯|足银，一锤一锤錾出蝴蝶和鱼，开口可调。|Fine silver bangle chased with butterflies and fish.|克重|30 克=498/60/15,50 克=768/90/10|12|0
silver|银丝掐花耳坠|细银丝掐成缠枝花，轻得像没戴。|Filigree earrings, light as nothing.|款式|缠枝=168/20/40,蝴蝶=168/20/35|15|6
silver|长命锁吊坠|满月礼，正面长命富贵，背面可刻名字。|A child's lock pendant, to be engraved on the back.|克重|12 克=268/40/30|12|0
silver|蜡染绳银扣手链|靛蓝蜡染绳配银扣，情侣可分两条。|Bracelet of wax-dyed cord with a silver clasp.|件数|单条=88/20/80,两条=158/40/50|18|0
silver|银质书签|薄银片镂空一枝梅，夹在书里不伤纸。|A bookmark of pierced silver with a spray of plum.|款式|梅=128/25/40,竹=128/25/40|15|8
teaware|紫砂石瓢壶|原矿紫泥，三足稳，出水利落，容量 220 毫升。|Yixing teapot of the shipiao form, 220 ml.|泥料|紫泥=680/620/8,段泥=720/620/6|10|0
teaware|紫砂品茗杯|小杯五十毫升，养几个月会起包浆。|Small tasting cup of purple clay; it gains a sheen with use.|件数|单只=45/120/100,四只=168/520/40|15|0
teaware|旅行快客杯|一壶两杯叠成一个，装进布袋就能走。|Travel set: a pot and two cups that stack into one.|颜色|青=138/560/45,白=138/560/45|18|8
teaware|柴烧公道杯|自然灰釉，握把顺手，断水干净。|Wood-fired pitcher that pours without a drip.|容量|200 毫升=158/360/25|15|0
teaware|锡制茶叶罐|盖子靠自重慢慢落下去，密封好，装二两茶。|Pewter caddy whose lid sinks by its own weight.|容量|100 克=328/700/14|12|0
textile|蓝夹缬棉麻围巾|雕版夹染的百子图，正反两面一样清楚。|Scarf of cotton and linen, clamp-dyed with the hundred children.|颜色|深蓝=198/180/30,浅蓝=188/180/30|18|6
textile|靛蓝茶席|五十厘米宽，水洗后更软，茶渍不显。|Tea runner in indigo that hides its stains.|长度|150 厘米=128/220/40,200 厘米=158/300/30|15|0
textile|夹缬抱枕套|四个图案可以凑一套，拉链藏在边里。|Cushion cover, four patterns, hidden zip.|图案|鱼=78/160/50,鹿=78/160/50,鹤=78/160/50,莲=78/160/50|15|0
textile|草木染手帕|栀子、苏木、蓼蓝各一条，纯棉。|Three handkerchiefs dyed with gardenia, sappan and indigo.|件数|三条=59/70/90|12|0
textile|老布束口袋|旧土布拼的，装茶、装首饰、装零钱。|Drawstring bag pieced from old homespun.|尺寸|小=29/40/120,大=45/70/100|10|0
toys|榫卯鲁班锁|六根木条不用胶，拆得开未必装得回。|Burr puzzle of six sticks without glue.|难度|六柱=39/150/100,九柱=69/260/60|15|0
toys|会走的木鸭子|放在斜坡上自己走下来，不用电池。|A duck that walks down a slope by itself.|颜色|本色=49/140/80|12|8
toys|动物平衡积木|十六只动物摞高高，边角都磨圆。|Sixteen animals to balance on each other.|件数|十六只=118/620/45|18|8
toys|木制活字积木|一千个常用字选一百个，拼名字、拼诗。|A hundred wooden characters to build names and poems.|件数|一百字=158/1200/30,三百字=398/3400/10|15|8
toys|手摇八音盒《茉莉花》|手摇机芯，榉木壳，摇快摇慢都是茉莉花。|Hand-cranked music box that plays Jasmine Flower.|款式|素面=88/230/60,刻字=108/230/30|15|0
"""


def things() -> Iterator[Thing]:
    """Every offer, five to a supplier."""
    for line in _SHELF.strip().splitlines():
        category, title, chinese, english, option, kinds, shop, designer = line.split("|")
        yield Thing(
            category=category,
            title=title,
            chinese=chinese,
            english=english,
            option_name=option,
            kinds=tuple(_kind(text) for text in kinds.split(",")),
            shop_bp=int(shop) * 100,
            designer_bp=int(designer) * 100,
        )


def _kind(text: str) -> Kind:
    option, numbers = text.split("=")
    yuan, grams, pieces = numbers.split("/")
    whole, _, cents = yuan.partition(".")
    return Kind(option, int(whole) * 100 + int(cents.ljust(2, "0")), int(grams), int(pieces))
