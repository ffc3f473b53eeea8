"""Cities in the reader's language. They are kept as people typed them; the English names stand here, a province a line."""

import re

from django.utils import translation

from yunju.web import provinces

_TABLE = """
娄底 Loudi 岳阳 Yueyang 常德 Changde 张家界 Zhangjiajie 怀化 Huaihua 株洲 Zhuzhou 永州 Yongzhou 湘潭 Xiangtan 湘西 Xiangxi 益阳 Yiyang 衡阳 Hengyang 邵阳 Shaoyang 郴州 Chenzhou 长沙 Changsha
山南 Shannan 拉萨 Lhasa 日喀则 Shigatse 昌都 Chamdo 林芝 Nyingchi 那曲 Nagqu 阿里 Ngari
吉林 Jilin 四平 Siping 延边 Yanbian 松原 Songyuan 白城 Baicheng 白山 Baishan 辽源 Liaoyuan 通化 Tonghua 长春 Changchun
亳州 Bozhou 六安 Lu'an 合肥 Hefei 安庆 Anqing 宣城 Xuancheng 宿州 Suzhou 池州 Chizhou 淮北 Huaibei 淮南 Huainan 滁州 Chuzhou 芜湖 Wuhu 蚌埠 Bengbu 铜陵 Tongling 阜阳 Fuyang 马鞍山 Ma'anshan 黄山 Huangshan
云林 Yunlin 南投 Nantou 台东 Taitung 台中 Taichung 台北 Taipei 台南 Tainan 嘉义 Chiayi 基隆 Keelung 宜兰 Yilan 屏东 Pingtung 彰化 Changhua 新北 New_Taipei 新竹 Hsinchu 桃园 Taoyuan 澎湖 Penghu 花莲 Hualien 苗栗 Miaoli 连江 Lienchiang 金门 Kinmen 高雄 Kaohsiung
仙桃 Xiantao 十堰 Shiyan 咸宁 Xianning 天门 Tianmen 孝感 Xiaogan 宜昌 Yichang 恩施 Enshi 武汉 Wuhan 潜江 Qianjiang 神农架 Shennongjia 荆州 Jingzhou 荆门 Jingmen 襄阳 Xiangyang 鄂州 Ezhou 随州 Suizhou 黄冈 Huanggang 黄石 Huangshi
三门峡 Sanmenxia 信阳 Xinyang 南阳 Nanyang 周口 Zhoukou 商丘 Shangqiu 安阳 Anyang 平顶山 Pingdingshan 开封 Kaifeng 新乡 Xinxiang 洛阳 Luoyang 济源 Jiyuan 漯河 Luohe 濮阳 Puyang 焦作 Jiaozuo 许昌 Xuchang 郑州 Zhengzhou 驻马店 Zhumadian 鹤壁 Hebi
保定 Baoding 唐山 Tangshan 廊坊 Langfang 张家口 Zhangjiakou 承德 Chengde 沧州 Cangzhou 石家庄 Shijiazhuang 秦皇岛 Qinhuangdao 衡水 Hengshui 邢台 Xingtai 邯郸 Handan
乐山 Leshan 内江 Neijiang 凉山 Liangshan 南充 Nanchong 宜宾 Yibin 巴中 Bazhong 广元 Guangyuan 广安 Guang'an 德阳 Deyang 成都 Chengdu 攀枝花 Panzhihua 泸州 Luzhou 甘孜 Garzê 眉山 Meishan 绵阳 Mianyang 自贡 Zigong 资阳 Ziyang 达州 Dazhou 遂宁 Suining 阿坝 Ngawa 雅安 Ya'an
南京 Nanjing 南通 Nantong 宿迁 Suqian 常州 Changzhou 徐州 Xuzhou 扬州 Yangzhou 无锡 Wuxi 泰州 Taizhou 淮安 Huai'an 盐城 Yancheng 苏州 Suzhou 连云港 Lianyungang 镇江 Zhenjiang
乌鲁木齐 Urumqi 五家渠 Wujiaqu 伊犁 Ili 克孜勒苏 Kizilsu 克拉玛依 Karamay 北屯 Beitun 博尔塔拉 Bortala 双河 Shuanghe 可克达拉 Kokdala 吐鲁番 Turpan 和田 Hotan 哈密 Hami 喀什 Kashgar 图木舒克 Tumxuk 塔城 Tacheng 巴音郭楞 Bayingolin 新星 Xinxing 昆玉 Kunyu 昌吉 Changji 白杨 Baiyang 石河子 Shihezi 胡杨河 Huyanghe 铁门关 Tiemenguan 阿克苏 Aksu 阿勒泰 Altay 阿拉尔 Aral
万宁 Wanning 三亚 Sanya 三沙 Sansha 东方 Dongfang 临高 Lingao 乐东 Ledong 五指山 Wuzhishan 保亭 Baoting 儋州 Danzhou 定安 Ding'an 屯昌 Tunchang 文昌 Wenchang 昌江 Changjiang 海口 Haikou 澄迈 Chengmai 琼中 Qiongzhong 琼海 Qionghai 白沙 Baisha 陵水 Lingshui
七台河 Qitaihe 伊春 Yichun 佳木斯 Jiamusi 双鸭山 Shuangyashan 哈尔滨 Harbin 大兴安岭 Daxing'anling 大庆 Daqing 牡丹江 Mudanjiang 绥化 Suihua 鸡西 Jixi 鹤岗 Hegang 黑河 Heihe 齐齐哈尔 Qiqihar
丹东 Dandong 大连 Dalian 抚顺 Fushun 朝阳 Chaoyang 本溪 Benxi 沈阳 Shenyang 盘锦 Panjin 营口 Yingkou 葫芦岛 Huludao 辽阳 Liaoyang 铁岭 Tieling 锦州 Jinzhou 阜新 Fuxin 鞍山 Anshan
果洛 Golog 海东 Haidong 海北 Haibei 海南 Hainan 海西 Haixi 玉树 Yushu 西宁 Xining 黄南 Huangnan
六盘水 Liupanshui 安顺 Anshun 毕节 Bijie 贵阳 Guiyang 遵义 Zunyi 铜仁 Tongren 黔东南 Qiandongnan 黔南 Qiannan 黔西南 Qianxinan
临夏 Linxia 兰州 Lanzhou 嘉峪关 Jiayuguan 天水 Tianshui 定西 Dingxi 平凉 Pingliang 庆阳 Qingyang 张掖 Zhangye 武威 Wuwei 甘南 Gannan 白银 Baiyin 酒泉 Jiuquan 金昌 Jinchang 陇南 Longnan
丽水 Lishui 台州 Taizhou 嘉兴 Jiaxing 宁波 Ningbo 杭州 Hangzhou 温州 Wenzhou 湖州 Huzhou 绍兴 Shaoxing 舟山 Zhoushan 衢州 Quzhou 金华 Jinhua
咸阳 Xianyang 商洛 Shangluo 安康 Ankang 宝鸡 Baoji 延安 Yan'an 榆林 Yulin 汉中 Hanzhong 渭南 Weinan 西安 Xi'an 铜川 Tongchuan
东莞 Dongguan 中山 Zhongshan 云浮 Yunfu 佛山 Foshan 广州 Guangzhou 惠州 Huizhou 揭阳 Jieyang 梅州 Meizhou 汕头 Shantou 汕尾 Shanwei 江门 Jiangmen 河源 Heyuan 深圳 Shenzhen 清远 Qingyuan 湛江 Zhanjiang 潮州 Chaozhou 珠海 Zhuhai 肇庆 Zhaoqing 茂名 Maoming 阳江 Yangjiang 韶关 Shaoguan
东营 Dongying 临沂 Linyi 威海 Weihai 德州 Dezhou 日照 Rizhao 枣庄 Zaozhuang 泰安 Tai'an 济南 Jinan 济宁 Jining 淄博 Zibo 滨州 Binzhou 潍坊 Weifang 烟台 Yantai 聊城 Liaocheng 菏泽 Heze 青岛 Qingdao
上饶 Shangrao 九江 Jiujiang 南昌 Nanchang 吉安 Ji'an 宜春 Yichun 抚州 Fuzhou 新余 Xinyu 景德镇 Jingdezhen 萍乡 Pingxiang 赣州 Ganzhou 鹰潭 Yingtan
乌兰察布 Ulanqab 乌海 Wuhai 兴安 Hinggan 包头 Baotou 呼伦贝尔 Hulunbuir 呼和浩特 Hohhot 巴彦淖尔 Bayannur 赤峰 Chifeng 通辽 Tongliao 鄂尔多斯 Ordos 锡林郭勒 Xilingol 阿拉善 Alxa
临沧 Lincang 丽江 Lijiang 保山 Baoshan 大理 Dali 德宏 Dehong 怒江 Nujiang 文山 Wenshan 昆明 Kunming 昭通 Zhaotong 普洱 Pu'er 曲靖 Qujing 楚雄 Chuxiong 玉溪 Yuxi 红河 Honghe 西双版纳 Xishuangbanna 迪庆 Dêqên
临汾 Linfen 吕梁 Lüliang 大同 Datong 太原 Taiyuan 忻州 Xinzhou 晋中 Jinzhong 晋城 Jincheng 朔州 Shuozhou 运城 Yuncheng 长治 Changzhi 阳泉 Yangquan
北海 Beihai 南宁 Nanning 崇左 Chongzuo 来宾 Laibin 柳州 Liuzhou 桂林 Guilin 梧州 Wuzhou 河池 Hechi 玉林 Yulin 百色 Baise 贵港 Guigang 贺州 Hezhou 钦州 Qinzhou 防城港 Fangchenggang
三明 Sanming 南平 Nanping 厦门 Xiamen 宁德 Ningde 泉州 Quanzhou 漳州 Zhangzhou 福州 Fuzhou 莆田 Putian 龙岩 Longyan
中卫 Zhongwei 吴忠 Wuzhong 固原 Guyuan 石嘴山 Shizuishan 银川 Yinchuan
北京 Beijing 天津 Tianjin 上海 Shanghai 重庆 Chongqing 香港 Hong_Kong 澳门 Macao
"""
_WORDS = _TABLE.split()
ENGLISH = {city: name.replace("_", " ") for city, name in zip(_WORDS[::2], _WORDS[1::2], strict=True)}
_ENDING = re.compile(
    r"(市|地区|盟|林区|县|((蒙古|回|藏|维吾尔|哈萨克|柯尔克孜|苗|彝|布依|朝鲜|土家|侗|壮|白|傣|景颇|傈僳|哈尼|羌|黎)族?)*自治[州县]|特别行政区)$"
)


def shown(name: str) -> str:
    """The city as the reader writes it; one that is not in the table as it is."""
    if (translation.get_language() or "").startswith("zh"):
        return name
    return ENGLISH.get(name) or ENGLISH.get(_ENDING.sub("", name), name)


def place(province: str, city: str, between: str = " · ") -> str:
    """Province and city in one line; of a city that is its own province the name stands once."""
    names = [provinces.shown(province), shown(city)]
    if names[0] == names[1] or names[0].removesuffix("市") == names[1].removesuffix("市"):
        names = names[:1]
    return between.join(one for one in names if one)
