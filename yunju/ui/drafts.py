"""Drafts of the four agreements, for an operator to begin with. They are no advice in law: each page says so."""

from yunju.members.actions import BLANK
from yunju.members.models import Cluster, ClusterPapers

TERMS = """# 一、我们是谁
{name}（下称“本集聚区”）的运营方为{firm}，地址：{address}，投诉电话：{phone}。

# 二、您和谁交易
商品和服务由各商家提供，商家的名称、证照和联系方式见其“经营者信息”页。订单成立后，商家负责发货、开票和售后。

# 三、下单与付款
- 订单在您付款成功时成立；未付款的订单会在页面所示的时间后关闭。
- 货款由持牌支付机构收取和分账，本集聚区不留存您的货款。

# 四、收货、退货与退款
- 除商品页注明不适用的以外，自收货之日起七日内可以无理由退货。
- 退款原路退回，进度可在订单页查看。

# 五、争议
您可以先与商家协商，也可以请本集聚区介入。仍不能解决的，可向消费者协会投诉，或向有管辖权的人民法院起诉。

# 六、变更
本协议修改时会提前公布，所有历史版本都可以查看。
"""
PRIVACY = """# 一、我们收集什么
- 下单时：收货人姓名、电话、地址，只给负责发货的商家和承运方。
- 注册时：手机号或邮箱。
- 收款方：实名、证件号码和收款账户，加密保存，只用于打款和依法报送。

# 二、我们怎样使用
只用于完成交易、售后、安全和法律要求的报送，不向他人出售，不用于推荐广告。

# 三、保存多久
售后期结束后删除订单中的姓名、电话和地址；法律要求保存的交易记录保存至法定期限。

# 四、谁能看到
分享您商品的店主只能看到昵称、城市和手机尾号。运营人员查看完整信息须说明理由，并留有记录。

# 五、您的权利
您可以查看、更正、导出或删除自己的信息，也可以注销账号。联系方式：{phone}。运营方：{firm}，地址：{address}。
"""
SHOP = """# 一、开店
开店免费，没有入门费、保证金或进货要求。您自由选择商品，不囤货、不发货。

# 二、收益
- 您只因自己的店铺卖出商品而获得佣金，只有一级，没有任何招募、拉人的报酬。
- 佣金比例在上架时显示，下单时固定；买家退货的部分退回。
- 收益在订单完成且售后期结束后可以提现，提现前须实名。

# 三、您不能做的
- 不得承诺收益、夸大宣传或使用违禁词。
- 不得发展下线、收取任何费用。

# 四、税务
您的收入会依法报送税务机关。

# 五、结束
您可以随时关店，已产生的收益照常结算。运营方：{firm}，电话：{phone}，地址：{address}。
"""
SUPPLIER = """# 一、资格
您保证所交证照真实有效，并在变更或到期前更新。需要许可的商品，证照到期后会自动下架。

# 二、商品与价格
商品信息真实、完整，价格由您自己确定。库存以您填写的为准，缺货由您负责。

# 三、发货与售后
- 按承诺的时间发货，填写真实的运单号。
- 对售后申请在规定时间内答复；超时未答复的按同意处理。

# 四、费用与分账
平台和园区的费用以公示的费率为准，提高费率提前七日公布。货款由持牌支付机构分账到您的账户。

# 五、知识产权与数据
您保证有权销售和展示所上传的内容。买家信息只能用于履行订单。

# 六、结束
任何一方可以提前三十日通知结束合作，未完成的订单继续履行。运营方：{firm}，电话：{phone}，地址：{address}。
"""
TEXTS = {"terms": TERMS, "privacy": PRIVACY, "shop": SHOP, "supplier": SUPPLIER}


def agreement(kind: str, cluster: Cluster, papers: ClusterPapers) -> str:
    """The draft of a kind, with the names that are known; what is not is marked to be filled in."""
    return TEXTS[kind].format(
        name=cluster.name_zh,
        firm=papers.firm or BLANK,
        address=papers.address or BLANK,
        phone=papers.complaint_phone or BLANK,
    )
