//! What the JSON reader says of a document that is no receipt, in Chinese: its words are a closed set.

/// Its phrases, in the order in which they are looked for: longer ones before those that are a part of them.
static PHRASES: [(&str, &str); 42] = [
    ("this version reads receipts of version 1", "本版本只能读取第 1 版单据"),
    ("nothing is to be printed: it needs ", "没有可打印的内容，需要 "),
    ("unknown field ", "未知字段 "),
    ("missing field ", "缺少字段 "),
    ("duplicate field ", "字段重复 "),
    ("unknown variant ", "无效的值 "),
    ("invalid type: ", "类型错误："),
    ("invalid value: ", "值无效："),
    ("invalid length ", "项数无效："),
    ("there are no fields", "不应有任何字段"),
    (", expected one of ", "，应为以下之一："),
    (", expected ", "，应为 "),
    ("a list of at least one of ", "至少一项的列表："),
    ("a list of objects", "对象的列表"),
    ("an object", "对象"),
    ("the name of a template, or false for none", "模板名称，或 false（不用模板）"),
    (
        "a whole number of minor units (12800 for CNY 128.00) of at most 12 digits",
        "以最小货币单位计的整数（CNY 128.00 写作 12800），最多 12 位",
    ),
    ("a whole number from ", "整数 "),
    (", or a string such as ", "，或字符串，例如 "),
    ("a currency code of ISO 4217 such as ", "ISO 4217 货币代码，例如 "),
    ("a local date and time such as ", "本地日期和时间，例如 "),
    ("1, the only version there is", "1（唯一的版本）"),
    ("floating point ", "小数 "),
    ("integer ", "整数 "),
    ("u64", "整数"),
    ("u32", "整数"),
    ("u16", "整数"),
    ("u8", "整数"),
    ("i64", "整数"),
    ("boolean ", "布尔值 "),
    ("a boolean", "布尔值"),
    ("a borrowed string", "字符串"),
    ("a string", "字符串"),
    ("string", "字符串"),
    ("a sequence", "列表"),
    ("sequence", "列表"),
    ("a map", "对象"),
    ("map", "对象"),
    ("variant identifier", "选项名称"),
    (" and ", " 和 "),
    (" or ", " 或 "),
    (" to ", " 至 "),
];

/// The reader's words; names in them, which stand between back quotes, stay.
pub(super) fn shape(detail: &str) -> String {
    let mut out = String::with_capacity(detail.len());
    for (n, part) in detail.split('`').enumerate() {
        if n % 2 == 1 {
            out.push('`');
            out.push_str(part);
            out.push('`');
            continue;
        }
        let phrase = |text: String, (english, chinese): &(&str, &str)| text.replace(english, chinese);
        out.push_str(&PHRASES.iter().fold(part.to_owned(), phrase));
    }
    out
}
