"""The large demonstration in words: further trades, studios, makers, shops, and what their goods are made of.

A studio's offers are styles times things, in an order that chance deals once; titles read as people write them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

CATEGORIES = (
    ("lacquer", "漆器", "Lacquer ware"),
    ("paper", "纸艺", "Paper craft"),
    ("incense", "香道", "Incense"),
    ("leather", "皮具", "Leather goods"),
)
"""Beside the eight of the small demonstration."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """A studio of the crowd. `site` as in `shelf.Studio`."""

    category: str
    name: str
    province: str
    city: str
    story: str
    site: int | None = None


_STUDIOS = """
ceramics|德化白瓷工坊|福建|泉州|只做白，白到透光。|White and nothing else, thin enough for light.|
ceramics|龙泉溪边窑|浙江|丽水|梅子青、粉青，一窑只成六成。|Celadon; six of ten leave the kiln whole.|
ceramics|长江路陶艺社|安徽|芜湖|园区里的小窑，周末教人拉坯。|A small kiln in the park that teaches on weekends.|0
bamboo|渠县刘氏竹编|四川|达州|一根竹丝分成十六层，编字编画。|One bamboo thread split into sixteen.|
prints|杨柳青画韵斋|天津|天津|半印半画，胖娃娃抱鲤鱼。|Half printed, half painted.|
letterpress|平江纸品社|江苏|苏州|旧园子旁边的印刷间，印得慢。|A slow printing room beside an old garden.|1
silver|大理白银铺|云南|大理|新华村的手艺，壶和镯子都打。|Pots and bangles from a village of silversmiths.|
silver|平江银楼|江苏|苏州|苏作细工，掐丝点翠。|Fine work of Suzhou.|1
teaware|建阳兔毫盏|福建|南平|铁胎厚釉，盏底见毫。|Thick glaze on iron clay, with hare's fur.|
teaware|潮州手拉壶|广东|潮州|朱泥手拉，小壶出汤快。|Thrown red clay, small and quick.|
textile|南通蓝印花布|江苏|南通|刮浆防染，一匹布晒三个晴天。|Resist-dyed cloth, three sunny days a bolt.|
textile|黔绣坊|贵州|黔东南|十二位绣娘，打籽绣、破线绣。|Twelve embroiderers.|
toys|积木研究所|上海|上海|木头和三个工程师。|Wood and three engineers.|
lacquer|平遥推光漆坊|山西|晋中|掌心推光，一件要推上万次。|Polished with the palm ten thousand times.|
lacquer|福州脱胎漆艺|福建|福州|布胎轻如纸，漆色沉如玉。|As light as paper, as deep as jade.|
paper|温州皮纸堂|浙江|温州|楮皮抄纸，做灯做扇。|Lamps and fans of mulberry paper.|
paper|剪纸小队|安徽|芜湖|四个年轻人，一把剪刀一台刀模机。|Four young people, scissors and a die cutter.|0
incense|和香居|北京|北京|古方和香，不加化学粘粉。|Blends after old recipes.|
incense|海南沉香舍|海南|海口|自家林子，只取自然结香。|Agarwood from our own grove.|
leather|芜湖皮具间|安徽|芜湖|植鞣革手缝，坏了包修。|Hand-stitched, mended for life.|0
leather|呼和浩特马具铺|内蒙古|呼和浩特|做了三代马鞍，现在也做包。|Three generations of saddles, now bags too.|
leather|平江手工皮社|江苏|苏州|皮雕、编织，小件为主。|Carved and braided small things.|1
"""


def workshops() -> list[Workshop]:
    found = []
    for line in _STUDIOS.strip().splitlines():
        category, name, province, city, chinese, english, site = line.split("|")
        story = f"{chinese}\n\n{english}"
        found.append(Workshop(category, name, province, city, story, int(site) if site else None))
    return found


MAKERS = (
    (
        "云聚 3D 打印站",
        "安徽",
        "芜湖",
        "两台光固化、四台 FDM，当天出样。\n\nTwo resin printers and four FDM machines.",
        0,
    ),
    (
        "长江路激光间",
        "安徽",
        "芜湖",
        "木、皮、亚克力激光切割雕刻。\n\nLaser cutting of wood, leather and acrylic.",
        0,
    ),
    (
        "平江木作车间",
        "江苏",
        "苏州",
        "三轴雕刻机和一屋子刨花。\n\nA three-axis mill and a room of shavings.",
        1,
    ),
    ("深圳小批量工厂", "广东", "深圳", "五十件起做的小批量。\n\nSmall batches from fifty pieces.", None),
    ("义乌印花车间", "浙江", "金华", "数码直喷，一件也印。\n\nPrinting on cloth, from one piece.", None),
    ("东莞模具社", "广东", "东莞", "硅胶模、树脂复制。\n\nSilicone moulds and resin copies.", None),
    ("景德镇注浆房", "江西", "景德镇", "石膏模注浆，五十只起。\n\nSlip casting from fifty pieces.", None),
    ("宁波金属加工间", "浙江", "宁波", "折弯、焊接、喷粉。\n\nBending, welding, coating.", None),
    ("成都刺绣机房", "四川", "成都", "十二头绣花机。\n\nA machine of twelve heads.", None),
    ("嘉定纸品车间", "上海", "上海", "模切、烫金、裱盒。\n\nDie cutting, foil, boxes.", None),
    (
        "泉州陶瓷贴花间",
        "福建",
        "泉州",
        "釉上贴花，八百度烤。\n\nDecals fired at eight hundred degrees.",
        None,
    ),
    ("哈尔滨创客空间", "黑龙江", "哈尔滨", "学生多，什么都敢试。\n\nMany students who try anything.", None),
)
"""Name, province, city, story, site."""

SHOPS = (
    "南街小铺", "阿紫的书桌", "慢半拍", "一盏茶的工夫", "木木有礼", "老陈挑的好东西", "窗台上的猫", "三月好物",
    "外婆的橱柜", "小河边", "城南旧物新做", "拾光小店", "青团与茶", "半亩方塘", "阿福家的店", "晚风集市",
    "竹下", "白日梦文具", "北方小院", "一只鹿的选物", "山外山", "听雨轩小店", "米粒的礼物", "安静角落",
    "好物搬运工", "小禾手作", "梅雨季", "纸短情长", "大鱼小铺", "石榴树下", "暖炉", "云朵杂货",
    "海边的信", "木樨", "老城根儿", "茶米油盐", "小雪小铺",
)  # fmt: skip
KEEPERS = (
    "刘畅", "何静怡", "马晓东", "高雅", "郭子涵", "罗兰", "梁宇", "宋词", "唐果", "许愿", "韩露", "冯唐生", "邓小晴",
    "曹禾", "彭湃", "曾珍", "肖遥", "田甜", "董青", "潘安然", "袁野", "蔡文", "余音", "杜若", "叶秋", "程程", "苏杭",
    "魏然", "吕静", "丁一", "任青", "沈括", "姚远", "卢沟", "傅声", "钟鸣", "崔莺",
)  # fmt: skip
INTRO = "自己用过觉得好，才放上来。\n\nI put up only what I have used."


@dataclass(frozen=True, slots=True)
class Piece:
    """A thing that comes in every style of its trade: words, price in yuan and weight of its smallest kind, kinds."""

    chinese: str
    english: str
    yuan: int
    grams: int
    option: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trade:
    """What a category is made of."""

    styles: tuple[tuple[str, str], ...]
    pieces: tuple[Piece, ...]
    care: str


def _trade(styles: str, pieces: str, care: str) -> Trade:
    pairs = [style.split("=") for style in styles.split(",")]
    rows = [line.split("|") for line in pieces.strip().splitlines()]
    made = [
        Piece(chinese, english, int(yuan), int(grams), option, tuple(kinds.split(",")))
        for chinese, english, yuan, grams, option, kinds in rows
    ]
    return Trade(tuple((chinese, english) for chinese, english in pairs), tuple(made), care)


TRADES: Mapping[str, Trade] = {
    "ceramics": _trade(
        "甜白釉=Sweet white,梅子青=Plum green,天青釉=Sky blue,冰裂纹=Crackled,豆青=Pea green,月白=Moon white,手绘山雀=Titmouse,玉兰=Magnolia,钧红=Jun red",
        """
主人杯|cup|58|160|件数|单只,一对
盖碗|lidded bowl|128|280|容量|110 毫升,150 毫升
饭碗|rice bowl|39|240|件数|单只,四只
花插|flower holder|88|420|高度|10 厘米,15 厘米
果盘|fruit plate|118|620|口径|20 厘米,26 厘米
香插|incense stand|49|120|款式|圆,方
马克杯|mug|69|340|容量|300 毫升,400 毫升
茶叶罐|tea caddy|158|480|大小|小,大
""",
        "微波炉、洗碗机都可用。\n\nFit for microwave and dishwasher.",
    ),
    "bamboo": _trade(
        "六角眼=Hexagon,人字纹=Herringbone,螺旋纹=Spiral,福字=Fortune,烟熏=Smoked,双色=Two-coloured",
        """
面包篮|bread basket|79|320|大小|小,大
团扇|round fan|68|90|颜色|本色,烟熏
杯垫|coaster|29|40|件数|四片,六片
提包|handbag|268|520|颜色|本色,墨色
果篮|fruit basket|98|460|口径|24 厘米,30 厘米
灯罩|lamp shade|158|380|直径|25 厘米,32 厘米
""",
        "避免暴晒，脏了用软布擦。\n\nKeep out of the sun; wipe with a soft cloth.",
    ),
    "prints": _trade(
        "连年有余=Plenty,五谷丰登=Harvest,花开富贵=Peonies,金鸡报晓=Rooster,瓜瓞绵绵=Melons,莲生贵子=Lotus",
        """
小品年画|small print|68|70|装帧|单张,装框
窗花|window print|19|30|件数|两张,四张
帆布袋|canvas bag|49|180|颜色|本白,墨黑
明信片|postcards|29|110|件数|八张,十六张
冰箱贴|magnet|18|40|件数|单个,四个
挂轴|hanging scroll|198|520|尺寸|小,大
""",
        "画心用宣纸，避免潮湿。\n\nOn xuan paper; keep dry.",
    ),
    "letterpress": _trade(
        "宋体=Song type,仿宋=Fangsong type,老月份牌=Calendar lady,园林窗=Garden window,铅印花边=Type border,朱砂印=Vermilion seal",
        """
手账本|journal|58|260|尺寸|A5,A6
信纸套装|letter set|39|180|件数|十套,二十套
贺卡|greeting card|15|30|件数|单张,五张
书签|bookmarks|22|30|件数|三枚,六枚
台历|desk calendar|69|320|颜色|米白,灰
便签|note pad|18|90|件数|一本,三本
""",
        "纸张 120 克，钢笔不洇。\n\nPaper of 120 g; no bleeding.",
    ),
    "silver": _trade(
        "缠枝=Vine,云纹=Cloud,素圈=Plain,錾花=Chased,掐丝=Filigree,莲瓣=Lotus petal",
        """
手镯|bangle|428|300|克重|30 克,45 克
戒指|ring|128|20|圈口|13 号,15 号,17 号
耳钉|ear studs|98|15|款式|小,大
项链|necklace|228|40|长度|40 厘米,45 厘米
发簪|hairpin|168|45|款式|直,弯
茶匙|tea spoon|138|40|件数|单支,一对
""",
        "足银，发暗用牙膏轻擦即亮。\n\nFine silver; polish gently.",
    ),
    "teaware": _trade(
        "兔毫=Hare's fur,油滴=Oil spot,朱泥=Red clay,素烧=Unglazed,金缮=Gold-mended,手绘兰草=Orchid",
        """
茶盏|tea bowl|128|220|大小|小,大
手拉壶|teapot|368|360|容量|100 毫升,150 毫升
公道杯|pitcher|118|260|容量|180 毫升,240 毫升
茶则|tea scoop|48|60|款式|竹,木
壶承|pot stand|98|420|直径|14 厘米,18 厘米
品茗杯|tasting cup|39|80|件数|单只,四只
""",
        "新器先用茶汤煮十分钟。\n\nBoil once in tea before use.",
    ),
    "textile": _trade(
        "凤穿牡丹=Phoenix,喜上眉梢=Magpie,蝴蝶妈妈=Butterfly,鱼戏莲=Fish and lotus,几何=Geometry,水波=Water",
        """
桌旗|table runner|128|220|长度|150 厘米,180 厘米
丝巾|silk scarf|238|70|尺寸|方巾,长巾
香囊|scent pouch|36|30|件数|单个,一对
杯套|cup sleeve|25|25|件数|单个,两个
帆布包|tote|89|260|颜色|靛蓝,本白
围裙|apron|98|240|颜色|靛蓝,灰
""",
        "头两次请单独冷水洗。\n\nWash alone and cold twice.",
    ),
    "toys": _trade(
        "榉木=Beech,樱桃木=Cherry,拼色=Two woods,十二生肖=Zodiac,海洋=Sea,古建=Old buildings",
        """
拼图|puzzle|59|280|块数|24 块,60 块
小车|toy car|45|160|颜色|本色,红
陀螺|spinning top|25|60|件数|单个,三个
积木|blocks|128|820|件数|30 块,60 块
摇铃|rattle|39|90|款式|圆,方
榫卯模型|joinery model|98|360|难度|入门,进阶
""",
        "三岁以上，木蜡油处理。\n\nFrom three years; waxed.",
    ),
    "lacquer": _trade(
        "描金=Gold painted,剔红=Carved red,螺钿=Mother of pearl,犀皮=Rhinoceros,推光黑=Polished black,变涂=Textured",
        """
首饰盒|jewel box|298|420|大小|小,大
茶盘|tea tray|368|780|长度|30 厘米,40 厘米
筷子|chopsticks|48|40|件数|一双,五双
手镯|bangle|158|50|圈口|56,58,60
漆碗|bowl|128|180|口径|12 厘米,14 厘米
果盒|sweets box|428|900|层数|单层,双层
""",
        "天然大漆，阴干即可，勿暴晒。\n\nNatural lacquer; keep out of the sun.",
    ),
    "paper": _trade(
        "团花=Roundel,鱼灯=Fish lantern,山水=Landscape,节气=Solar terms,宫灯=Palace lantern,云鹤=Cranes",
        """
纸灯|paper lamp|88|260|大小|小,大
折扇|folding fan|68|80|尺寸|七寸,九寸
剪纸|paper cut|29|20|装帧|散张,装框
纸伞|paper umbrella|168|520|颜色|桐油黄,朱红
立体卡|pop-up card|22|40|件数|单张,三张
灯笼材料包|lantern kit|39|200|款式|兔子,鲤鱼
""",
        "材料包附步骤图，孩子也能做。\n\nKits come with steps.",
    ),
    "incense": _trade(
        "雪中春信=Spring in snow,鹅梨帐中=Pear,二苏旧局=Old friends,沉水=Agarwood,柏子=Cypress,桂花=Osmanthus",
        """
线香|incense sticks|58|60|数量|20 克,50 克
盘香|coils|68|80|数量|24 盘,48 盘
香丸|pellets|88|40|数量|10 克,20 克
香牌|scent pendant|45|20|件数|单个,一对
塔香|cones|49|50|数量|20 粒,40 粒
香粉|powder|78|60|数量|20 克,40 克
""",
        "明火注意安全，通风使用。\n\nMind the flame; air the room.",
    ),
    "leather": _trade(
        "植鞣原色=Natural,缠枝皮雕=Carved,编织=Braided,马鞍棕=Saddle brown,墨绿=Dark green,拼色=Two-tone",
        """
卡包|card case|98|50|颜色|原色,深棕
长夹|long wallet|258|140|颜色|原色,黑
皮带|belt|198|220|长度|105 厘米,115 厘米
钥匙扣|key ring|39|25|件数|单个,两个
笔袋|pencil case|88|90|颜色|原色,墨绿
托特包|tote bag|568|820|大小|中,大
""",
        "头层植鞣牛皮，越用越亮。\n\nVegetable-tanned; it gains a shine.",
    ),
}

TYPICAL: Mapping[str, str] = {
    "ceramics": "花插",
    "bamboo": "果篮",
    "prints": "小品年画",
    "letterpress": "手账本",
    "silver": "手镯",
    "teaware": "手拉壶",
    "textile": "香囊",
    "toys": "积木",
    "lacquer": "首饰盒",
    "paper": "纸灯",
    "incense": "线香",
    "leather": "托特包",
}
"""The piece that stands for its trade."""
