"""The words that the demo's customers are made of."""

from __future__ import annotations

# (region ids from country to district, city, telephone area code, latitude, longitude, streets)
PLACES = (
    (("4", "9", "73", "732"), "上海", "021", "31.2215", "121.5440", ("张江路", "世纪大道", "马路口驴子街")),
    (("156", "310000", "310100", "310115"), "上海", "021", "31.2304", "121.5065", ("浦东南路", "金科路", "锦绣路")),
    (("156", "110000", "110100", "110105"), "北京", "010", "39.9219", "116.4435", ("建国路", "朝阳北路", "望京街")),
    (("156", "440000", "440100", "440106"), "广州", "020", "23.1249", "113.3612", ("天河路", "体育西路", "黄埔大道")),
    (("156", "440000", "440300", "440305"), "深圳", "0755", "22.5333", "113.9304", ("科苑路", "深南大道", "后海大道")),
    (("156", "330000", "330100", "330106"), "杭州", "0571", "30.2595", "120.1302", ("文三路", "天目山路", "古墩路")),
    (("156", "320000", "320100", "320102"), "南京", "025", "32.0486", "118.7977", ("中山东路", "珠江路", "龙蟠路")),
    (("156", "320000", "320500", "320508"), "苏州", "0512", "31.3110", "120.6170", ("人民路", "干将西路", "三香路")),
    (("156", "510000", "510100", "510104"), "成都", "028", "30.6574", "104.0810", ("东大街", "红星路", "静居寺路")),
    (("156", "420000", "420100", "420106"), "武汉", "027", "30.5538", "114.3161", ("中北路", "珞喻路", "和平大道")),
    (("156", "610000", "610100", "610113"), "西安", "029", "34.2229", "108.9486", ("科技路", "雁塔路", "长安南路")),
    (("156", "370000", "370200", "370202"), "青岛", "0532", "36.0755", "120.4124", ("香港中路", "山东路", "闽江路")),
    (("156", "350000", "350200", "350203"), "厦门", "0592", "24.4457", "118.0827", ("湖滨南路", "厦禾路", "环岛路")),
)

# (Chinese, its spelling in domain names)
STEMS = (
    ("启明", "qiming"), ("瑞丰", "ruifeng"), ("恒信", "hengxin"), ("博远", "boyuan"), ("天成", "tiancheng"),
    ("华睿", "huarui"), ("金桥", "jinqiao"), ("盛世", "shengshi"), ("宏图", "hongtu"), ("嘉禾", "jiahe"),
    ("云帆", "yunfan"), ("卓越", "zhuoyue"), ("众合", "zhonghe"), ("新源", "xinyuan"), ("正泰源", "zhengtaiyuan"),
    ("海川", "haichuan"), ("东方惠", "dongfanghui"), ("智联达", "zhilianda"), ("安和", "anhe"), ("百川", "baichuan"),
    ("泰格", "taige"), ("明德", "mingde"), ("鼎力", "dingli"), ("通达", "tongda"), ("凌云", "lingyun"),
    ("景行", "jingxing"), ("乐享", "lexiang"), ("佳信", "jiaxin"), ("蓝图", "lantu"), ("星辰", "xingchen"),
    ("绿源", "luyuan"), ("中科汇", "zhongkehui"), ("同创", "tongchuang"), ("万合", "wanhe"), ("欣荣", "xinrong"),
    ("联拓", "liantuo"), ("思源", "siyuan"), ("飞跃", "feiyue"), ("优品", "youpin"), ("长青", "changqing"),
)  # fmt: skip

# (trade in the company's name, path of industry tokens)
TRADES = (
    ("软件", ("60943MKVMq0Erpe9dUdV7w==", "WkFg1hVKiht2xdOjfhlpqQ==")),
    ("信息技术", ("60943MKVMq0Erpe9dUdV7w==", "WkFg1hVKiht2xdOjfhlpqQ==")),
    ("电子科技", ("60943MKVMq0Erpe9dUdV7w==", "c2wx56OJjFv4KR4QuQAljA==")),
    ("装备制造", ("IYy4ybJafht6S9C93LbqsA==", "vyahhHd7EgR06mp2qwTWBQ==")),
    ("精密机械", ("IYy4ybJafht6S9C93LbqsA==", "vyahhHd7EgR06mp2qwTWBQ==")),
    ("食品", ("IYy4ybJafht6S9C93LbqsA==", "kcdmxoBLz01Ij71PQ5LQDA==")),
    ("商贸", ("FayOZ4wILQjoXa3MgXG9+w==", "VNi4BR/mfGdnc+lRDMpdfg==")),
    ("连锁超市", ("FayOZ4wILQjoXa3MgXG9+w==", "wXsBl9lw06p7CgkLApsH8Q==")),
    ("供应链管理", ("FayOZ4wILQjoXa3MgXG9+w==",)),
)

NEEDS = (
    "希望统一管理各分公司的客户资料",
    "现有系统无法对接企业微信，计划更换",
    "需要移动端外勤签到和拜访记录",
    "要求报价审批流程可自行配置",
    "销售团队扩张，需要规范跟进过程",
    "售后工单量大，希望自动分派",
    "计划上线会员营销和优惠券功能",
    "需要与金蝶财务系统打通回款数据",
    "要按区域和产品线查看业绩看板",
    "希望导入历年 Excel 客户台账",
)

SUMMARIES = (
    "电话沟通，对方负责人出差，下周再约",
    "已发送产品介绍和案例资料，等待反馈",
    "现场演示完成，客户关注数据安全",
    "客户内部立项中，预计月底出结果",
    "已提交报价单，客户要求再优惠一些",
    "合同条款法务审核中",
    "试用账号已开通，安排了操作培训",
    "客户预算调整，项目推迟到下季度",
    "竞品报价较低，需要突出服务优势",
    "已签约，转交实施团队",
)

SUMMARIES_TO_COMPLETE = (
    "合同编号 xxxxxxxx 待补录，客户已口头确认",
    "回款单号xxxxxxxx有误，财务核对中",
    "快递单号 XXXXXXXX，样品已寄出",
)
"""What people write who will look the number up later: the document searches for it."""

NOTES = (
    "客户偏好周二、周四上午沟通。\n决策人为总经理，技术负责人有否决权。",
    "历史合作方为本地软件公司，合同今年到期。",
    "需要提供等保三级材料和源码托管方案。\n发票类型：增值税专用发票。",
    "对接人近期更换，首次拜访请重新介绍产品。",
)

FILES = (
    ("产品介绍.pdf", "application/pdf", 2_418_233),
    ("报价单.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", 48_120),
    ("营业执照.jpg", "image/jpeg", 356_902),
    ("需求说明书.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 125_448),
)
