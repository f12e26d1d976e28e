//! The story of a job in sentences: one for each event the daemon records.
//!
//! An event this build does not know is shown as its code with its parameters, so that a newer daemon can be read
//! by an older command.

use receiptd_api::StoryItem;

use super::{Lang, find, say, table, words};

table! {
    /// Every event of a story.
    EVENTS {
        "accepted": "accepted from {by}: it is stored, and survives a power cut", "已接收（提交者：{by}）：已存盘，断电不会丢失";
        "sending": "sending to the printer, attempt {attempt}", "开始发送到打印机，第 {attempt} 次尝试";
        "up-to-line": "the printer confirmed it up to line {line}", "打印机确认已打印到第 {line} 行";
        "paused": "the printer stopped: {reason}", "打印机停止：{reason}";
        "resumed": "the printer goes on", "打印机继续打印";
        "printed": "printed; proof: {grade}", "已打印；证据：{grade}";
        "cut-done": "the paper was cut", "已切纸";
        "cut-failed": "the cutter failed; the receipt itself is printed", "切纸失败；小票内容已打印";
        "cut-unknown": "nobody knows whether the paper was cut", "不知道是否已切纸";
        "sent": "sent, without proof that it is on paper: {grade}", "已发送，没有已出纸的证据：{grade}";
        "counted": "the printer's own counters rose too", "打印机的机内计数器也随之增加";
        "nothing-sent": "the attempt ended before anything was sent; it waits again, unmarked", "本次尝试未发出任何数据即结束；重新排队，不加重打标记";
        "interrupted": "interrupted: {why}; confirmed up to line {line}. It may or may not be on paper", "打印中断：{why}；已确认到第 {line} 行。可能已出纸，也可能没有";
        "late-proof": "the printer's confirmation of attempt {attempt} came after all", "打印机对第 {attempt} 次尝试的确认迟到了，但已收到";
        "body-unreadable": "the spool cannot read this receipt: it is held until a person decides", "存储中无法读出该小票：已暂缓，等待人工处理";
        "again-by-policy": "it will be printed again, marked as a duplicate", "将重新打印，并加“重打印”标记";
        "waits-for-person": "it waits for a person to say whether it came out", "等待人工确认是否已出纸";
        "proof-impossible": "the printer confirmed faster than any printer can print; its word counts for nothing", "打印机确认得比任何机器都快，其确认不可采信";
        "held": "held by {by}: {note}", "被 {by} 暂缓：{note}";
        "released": "released by {by}", "被 {by} 放行";
        "canceled": "canceled by {by}: {note}", "被 {by} 取消：{note}";
        "expired": "its time ran out before it could be printed", "在打印之前已过期";
        "resolved": "{by} said what became of it: {note}", "{by} 确认了结果：{note}";
        "reprint-asked": "{by} asked for another copy: job {job}", "{by} 要求重打：任务 {job}";
        "reprint-of": "this is a copy of job {job}: {note}", "本任务是任务 {job} 的重打：{note}";
        "omitted": "{count} entries are left out here", "此处省略 {count} 条记录";
    }
}

table! {
    /// Other sentences for some of them, chosen by their parameters.
    VARIANTS {
        "sending-duplicate": "sending to the printer, attempt {attempt}, marked DUPLICATE No.{copy_number}", "开始发送到打印机，第 {attempt} 次尝试，带标记“重打印 No.{copy_number}”";
        "interrupted-early": "interrupted: {why}; no line was confirmed. It may or may not be on paper", "打印中断：{why}；没有任何一行得到确认。可能已出纸，也可能没有";
        "held-plain": "held by {by}", "被 {by} 暂缓";
        "canceled-plain": "canceled by {by}", "被 {by} 取消";
        "resolved-came-out": "{by} saw the receipt: it came out ({note})", "{by} 确认小票已出纸（{note}）";
        "resolved-came-out-plain": "{by} saw the receipt: it came out", "{by} 确认小票已出纸";
        "resolved-missing": "{by} looked: it did not come out ({note})", "{by} 确认小票没有出纸（{note}）";
        "resolved-missing-plain": "{by} looked: it did not come out", "{by} 确认小票没有出纸";
        "reprint-of-plain": "this is a copy of job {job}", "本任务是任务 {job} 的重打";
    }
}

/// What happened, in a sentence. `user` gives the name for a user id.
pub fn sentence(lang: Lang, item: &StoryItem, user: &dyn Fn(&str) -> String) -> String {
    let param = |name: &str| item.params.get(name).map_or("", String::as_str);
    let note = param("note").trim();
    let variant = match item.event.as_str() {
        "sending" if param("copy_number").parse::<u32>().is_ok_and(|number| number > 1) => {
            "sending-duplicate"
        }
        "interrupted" if matches!(param("line"), "" | "0") => "interrupted-early",
        "held" if note.is_empty() => "held-plain",
        "canceled" if note.is_empty() => "canceled-plain",
        "reprint-of" if note.is_empty() => "reprint-of-plain",
        "resolved" => match (param("came_out"), note.is_empty()) {
            ("true", false) => "resolved-came-out",
            ("true", true) => "resolved-came-out-plain",
            ("false", false) => "resolved-missing",
            ("false", true) => "resolved-missing-plain",
            _ => "resolved",
        },
        _ => "",
    };
    let Some(text) = find(VARIANTS, variant).or_else(|| find(EVENTS, &item.event)) else {
        return unknown(item);
    };
    let by = user(param("by"));
    let reason = words::reason(lang, param("reason"));
    let why = say(words::DOUBTS, lang, param("why"));
    let grade = say(words::GRADES, lang, param("grade"));
    let attempt = match param("attempt") {
        "" => item.attempt.to_string(),
        attempt => attempt.to_owned(),
    };
    text.fill(
        lang,
        &[
            ("by", &by),
            ("reason", &reason),
            ("why", &why),
            ("grade", &grade),
            ("attempt", &attempt),
            ("copy_number", param("copy_number")),
            ("line", param("line")),
            ("job", param("job")),
            ("count", param("count")),
            ("note", note),
        ],
    )
}

/// An event of a newer daemon: its code and its parameters.
fn unknown(item: &StoryItem) -> String {
    let mut out = item.event.clone();
    for (name, value) in &item.params {
        out.push_str(&format!(" {name}={value}"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_event_is_shown_as_it_is() {
        let item = StoryItem {
            event: "teleported".to_owned(),
            params: [("to".to_owned(), "mars".to_owned())].into(),
            ..StoryItem::default()
        };
        assert_eq!(sentence(Lang::Zh, &item, &str::to_owned), "teleported to=mars");
    }

    #[test]
    fn missing_parameters_never_fail() {
        for (event, _) in EVENTS {
            let item = StoryItem { event: (*event).to_owned(), ..StoryItem::default() };
            for lang in [Lang::En, Lang::Zh] {
                assert!(!sentence(lang, &item, &str::to_owned).contains('{'), "{event}");
            }
        }
    }

    #[test]
    fn notes_come_from_strangers_and_are_not_templates() {
        let item = StoryItem {
            event: "canceled".to_owned(),
            params: [("by".to_owned(), "7".to_owned()), ("note".to_owned(), "{by}".to_owned())].into(),
            ..StoryItem::default()
        };
        assert_eq!(sentence(Lang::En, &item, &str::to_owned), "canceled by 7: {by}");
    }
}
