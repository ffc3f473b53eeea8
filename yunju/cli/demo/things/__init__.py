"""What the pictures of the demonstration show: a drawing for each piece, with the pattern that its style is known by."""

from collections.abc import Callable, Mapping

from yunju.cli.demo.things import (
    cloth,
    desk,
    incense,
    leather,
    motifs,
    paper,
    prints,
    silver,
    tea,
    vessels,
    wood,
    woven,
)
from yunju.cli.demo.things.brush import Brush, Ornament

__all__ = ["PIECES", "SINGLE", "STYLES", "Brush", "Ornament", "Shape", "drawn_as"]

Shape = Callable[[Brush], None]

PIECES: Mapping[str, Mapping[str, tuple[Shape, ...]]] = {
    "ceramics": {
        "主人杯": (vessels.cup,),
        "盖碗": (vessels.lidded_bowl,),
        "饭碗": (vessels.rice_bowl,),
        "花插": (vessels.flower_holder,),
        "果盘": (vessels.plate,),
        "香插": (vessels.incense_stand,),
        "马克杯": (vessels.mug,),
        "茶叶罐": (vessels.caddy,),
    },
    "bamboo": {
        "面包篮": (woven.bread_basket,),
        "团扇": (woven.round_fan,),
        "杯垫": (woven.coaster,),
        "提包": (woven.handbag,),
        "果篮": (woven.fruit_basket,),
        "灯罩": (woven.lamp_shade,),
    },
    "prints": {
        "小品年画": (prints.framed_print,),
        "窗花": (prints.window_print,),
        "帆布袋": (cloth.canvas_bag,),
        "明信片": (prints.postcards,),
        "冰箱贴": (prints.magnet,),
        "挂轴": (prints.scroll,),
    },
    "letterpress": {
        "手账本": (desk.journal,),
        "信纸套装": (desk.letter_set,),
        "贺卡": (desk.card,),
        "书签": (desk.bookmarks,),
        "台历": (desk.desk_calendar,),
        "便签": (desk.note_pad,),
    },
    "silver": {
        "手镯": (silver.bangle,),
        "戒指": (silver.ring,),
        "耳钉": (silver.ear_studs,),
        "项链": (silver.necklace,),
        "发簪": (silver.hairpin,),
        "茶匙": (silver.spoon,),
    },
    "teaware": {
        "茶盏": (tea.tea_bowl,),
        "手拉壶": (tea.teapot,),
        "公道杯": (tea.pitcher,),
        "茶则": (tea.scoop,),
        "壶承": (tea.pot_stand,),
        "品茗杯": (tea.tasting_cup,),
    },
    "textile": {
        "桌旗": (cloth.table_runner,),
        "丝巾": (cloth.silk_scarf,),
        "香囊": (cloth.pouch,),
        "杯套": (cloth.cup_sleeve,),
        "帆布包": (cloth.tote,),
        "围裙": (cloth.apron,),
    },
    "toys": {
        "拼图": (wood.puzzle,),
        "小车": (wood.toy_car,),
        "陀螺": (wood.spinning_top,),
        "积木": (wood.blocks,),
        "摇铃": (wood.rattle,),
        "榫卯模型": (wood.joinery,),
    },
    "lacquer": {
        "首饰盒": (wood.jewel_box,),
        "茶盘": (wood.tea_tray,),
        "筷子": (wood.chopsticks,),
        "手镯": (silver.lacquer_bangle,),
        "漆碗": (vessels.bowl,),
        "果盒": (wood.sweets_box,),
    },
    "paper": {
        "纸灯": (
            paper.lantern,
            paper.fish_lantern,
            paper.paper_lamp,
            paper.paper_lamp,
            paper.lantern,
            paper.paper_lamp,
        ),
        "折扇": (paper.folding_fan,),
        "剪纸": (prints.paper_cut,),
        "纸伞": (paper.umbrella,),
        "立体卡": (paper.pop_up_card,),
        "灯笼材料包": (paper.lantern_kit, paper.rabbit_lantern),
    },
    "incense": {
        "线香": (incense.incense_sticks,),
        "盘香": (incense.incense_coil,),
        "香丸": (incense.pellets,),
        "香牌": (incense.scent_pendant,),
        "塔香": (incense.cones,),
        "香粉": (incense.powder,),
    },
    "leather": {
        "卡包": (leather.card_case,),
        "长夹": (leather.long_wallet,),
        "皮带": (leather.belt,),
        "钥匙扣": (leather.key_ring,),
        "笔袋": (leather.pencil_case,),
        "托特包": (leather.leather_tote,),
    },
}
"""By trade and Chinese name of a piece. Where there are several drawings, the styles take them in turn."""

STYLES: Mapping[str, tuple[Ornament, ...]] = {
    "ceramics": (
        motifs.none,
        motifs.branch,
        motifs.cloud,
        motifs.crackle,
        motifs.stripes,
        motifs.waves,
        motifs.bird,
        motifs.magnolia,
        motifs.drops,
    ),
    "bamboo": (motifs.hexagon, motifs.chevrons, motifs.spiral, motifs.fortune, motifs.branch, motifs.rhombs),
    "prints": (motifs.fish, motifs.wheat, motifs.peony, motifs.rooster, motifs.melon, motifs.lotus),
    "letterpress": (motifs.glyph, motifs.stripes, motifs.magnolia, motifs.window, motifs.border, motifs.seal),
    "silver": (motifs.vine, motifs.cloud, motifs.none, motifs.blossom, motifs.spiral, motifs.lotus),
    "teaware": (motifs.hairs, motifs.drops, motifs.vine, motifs.none, motifs.seam, motifs.orchid),
    "textile": (motifs.peony, motifs.bird, motifs.butterfly, motifs.fish, motifs.rhombs, motifs.ripples),
    "toys": (motifs.sun, motifs.blossom, motifs.rhombs, motifs.rooster, motifs.waves, motifs.roof),
    "lacquer": (motifs.orchid, motifs.peony, motifs.butterfly, motifs.drops, motifs.none, motifs.spiral),
    "paper": (motifs.window, motifs.fish, motifs.hills, motifs.wheat, motifs.roof, motifs.crane),
    "incense": (motifs.snow, motifs.melon, motifs.orchid, motifs.waves, motifs.branch, motifs.osmanthus),
    "leather": (motifs.none, motifs.vine, motifs.braid, motifs.spiral, motifs.branch, motifs.rhombs),
}
"""In the order of `crowd_words.TRADES`."""

SINGLE: Mapping[str, tuple[Shape, Ornament]] = {
    "青花缠枝莲茶杯": (vessels.cup, motifs.lotus),
    "柴窑自然落灰小花瓶": (vessels.vase, motifs.drops),
    "影青刻花碗": (vessels.bowl, motifs.waves),
    "青花分水山水笔筒": (vessels.brush_pot, motifs.hills),
    "粉彩石榴小碟": (vessels.dishes, motifs.melon),
    "竹编手提茶篮": (woven.tea_basket, motifs.blossom),
    "六角眼竹灯罩": (woven.lamp_shade, motifs.hexagon),
    "竹丝扣瓷茶杯": (woven.sheathed_cup, motifs.rhombs),
    "竹编收纳篮三件套": (woven.nested_baskets, motifs.rhombs),
    "手工竹蜻蜓": (woven.dragonflies, motifs.none),
    "一团和气木版年画": (prints.harmony_print, motifs.cloud),
    "四季花卉小条屏": (prints.four_panels, motifs.blossom),
    "姑苏繁华藏书票": (prints.bookplates, motifs.roof),
    "年画红包封套": (prints.red_envelopes, motifs.fish),
    "木版年画体验包": (prints.print_kit, motifs.rooster),
    "铅字印横线本": (desk.lined_book, motifs.glyph),
    "定制姓名藏书章": (desk.stamp, motifs.seal),
    "二十四节气信笺": (desk.letter_set, motifs.wheat),
    "活字请柬十份": (desk.invitation, motifs.border),
    "印刷厂老字样万年历": (desk.wall_calendar, motifs.glyph),
    "苗银錾花手镯": (silver.chased_bangle, motifs.butterfly),
    "银丝掐花耳坠": (silver.ear_drops, motifs.vine),
    "长命锁吊坠": (silver.lock_pendant, motifs.fortune),
    "蜡染绳银扣手链": (silver.bracelet, motifs.blossom),
    "银质书签": (silver.metal_bookmark, motifs.blossom),
    "紫砂石瓢壶": (tea.stone_pot, motifs.branch),
    "紫砂品茗杯": (tea.tasting_cup, motifs.none),
    "旅行快客杯": (tea.travel_set, motifs.cloud),
    "柴烧公道杯": (tea.pitcher, motifs.drops),
    "锡制茶叶罐": (vessels.caddy, motifs.orchid),
    "蓝夹缬棉麻围巾": (cloth.scarf, motifs.blossom),
    "靛蓝茶席": (cloth.tea_runner, motifs.lotus),
    "夹缬抱枕套": (cloth.cushion, motifs.fish),
    "草木染手帕": (cloth.handkerchiefs, motifs.branch),
    "老布束口袋": (cloth.drawstring, motifs.rhombs),
    "榫卯鲁班锁": (wood.burr, motifs.none),
    "会走的木鸭子": (wood.duck, motifs.branch),
    "动物平衡积木": (wood.animals, motifs.hexagon),
    "木制活字积木": (wood.type_blocks, motifs.glyph),
    "手摇八音盒《茉莉花》": (wood.music_box, motifs.blossom),
}
"""By title: what is made in one way only (`shelf`)."""


def drawn_as(category: str, piece: str, style: int | None) -> tuple[Shape, Ornament]:
    """The drawing of a piece and the pattern on it."""
    if style is None:
        return SINGLE[piece]
    shapes = PIECES[category][piece]
    return shapes[style % len(shapes)], STYLES[category][style]
