//! What the words of the interface mean to a person: states, reasons and what helps, grades, copies.
//!
//! A word this build does not know is shown as it is. Which words exist is the API's and the core's business; a
//! test holds these tables against their lists.

use super::{Lang, find, say, table};

table! {
    /// What a job is right now.
    JOB_STATES {
        "queued": "queued", "等待打印";
        "held": "held", "已暂缓";
        "sending": "printing", "正在打印";
        "uncertain": "uncertain", "结果不明";
        "printed": "printed", "已打印";
        "sent": "sent, no proof", "已发送，无证据";
        "attested": "confirmed by a person", "已人工确认";
        "canceled": "canceled", "已取消";
        "expired": "expired", "已过期";
    }
}

table! {
    /// What a printer is doing.
    PRINTER_STATES {
        "absent": "not connected", "未连接";
        "opening": "connecting", "正在连接";
        "draining": "reading late answers", "正在读取迟到的应答";
        "probing": "finding out what it can do", "正在检测能力";
        "ready": "ready", "就绪";
        "printing": "printing", "正在打印";
        "paused": "stopped", "已暂停";
        "stalled": "silent", "无响应";
        "backing-off": "not connected, will try again", "未连接，稍后重试";
    }
}

table! {
    /// Whether receipts can be stored.
    STORE_STATES {
        "ok": "receipts can be stored", "可以存储小票";
        "full": "FULL: no receipt is accepted", "已满：不再接收小票";
        "failed": "FAILED: no receipt is accepted", "故障：不再接收小票";
    }
}

table! {
    /// What became of the cut.
    CUTS {
        "pending": "not yet proven", "尚未证实";
        "ok": "done", "已切纸";
        "fault": "the cutter failed", "切刀故障";
        "unknown": "not known", "不明";
        "none": "none", "不切纸";
    }
}

table! {
    /// How good the evidence is.
    GRADES {
        "A+": "the printer itself said so, and its own counters rose (grade A+)", "打印机自己确认，机内计数器也随之增加（A+ 级）";
        "A": "the printer itself said so (grade A)", "打印机自己确认（A 级）";
        "B": "the printer answered after the last line and was well throughout (grade B)", "打印机在最后一行之后应答，全程正常（B 级）";
        "C": "the printer took everything and told of no trouble, but cannot confirm (grade C)", "打印机收下全部数据且未报故障，但无法确认（C 级）";
        "D": "the printer took everything and cannot say more (grade D)", "打印机收下全部数据，无法提供更多信息（D 级）";
    }
}

table! {
    /// What a printer knows of its paper.
    PAPER {
        "ok": "enough", "充足";
        "near-end": "nearly used up", "快用完";
        "out": "none", "无纸";
        "unknown": "it does not say", "未报告";
    }
}

table! {
    /// Why something does not print.
    REASONS {
        "cover-open": "the cover is open", "上盖打开";
        "paper-out": "no paper", "缺纸";
        "paper-near-end": "the paper is nearly used up", "纸快用完";
        "cutter": "the cutter is stuck", "切刀卡住";
        "hot": "the print head is too hot", "打印头过热";
        "unrecoverable": "an error that needs the power switched off and on", "需要断电重启的故障";
        "offline": "the printer is offline and does not say why", "打印机脱机，未说明原因";
        "busy": "another program uses the printer", "打印机被其他程序占用";
        "denied": "the daemon may not open the printer", "服务没有权限打开打印机";
        "absent": "the printer is not connected", "打印机未连接";
        "not-connected": "the printer is not connected", "打印机未连接";
        "stalled": "the printer takes no data and says nothing", "打印机不收数据也不应答";
        "queue-full": "too many jobs wait", "排队任务过多";
        "store-full": "the disk is full", "存储空间已满";
        "store-failed": "the disk failed", "存储故障";
        "held": "held by a person", "被人工暂缓";
        "restart": "the terminal restarted or lost power while it was printing", "打印途中终端重启或断电";
        "link-lost": "the cable or the connection was lost while it was printing", "打印途中连接断开";
        "cleared": "the printer cleared its memory while it was printing", "打印途中打印机清空了缓存";
        "closed": "the connection to the printer was closed", "与打印机的连接已关闭";
        "ambiguous": "several USB printers are connected and it is not configured which one is meant", "连接了多台 USB 打印机，配置未说明用哪一台";
        "halted": "the printer refuses data", "打印机拒收数据";
        "suspended": "the USB port of the printer is asleep", "打印机的 USB 端口处于休眠";
        "body-unreadable": "the stored receipt cannot be read", "存储的小票无法读取";
        "expired": "its time ran out", "已超过时限";
        "shutting-down": "the daemon was ended", "打印服务被停止";
        "waits-for-person": "a person must say whether it came out", "需要人工确认是否已出纸";
        "proof-impossible": "the printer confirmed faster than any printer can print", "打印机确认得比任何机器都快，不可信";
    }
}

table! {
    /// What helps against it.
    REMEDIES {
        "cover-open": "Close the cover; it goes on by itself.", "请合上上盖，打印会自动继续。";
        "paper-out": "Load a paper roll and close the cover; it goes on by itself.", "请装入新纸卷并合上上盖，打印会自动继续。";
        "paper-near-end": "It still prints; have a paper roll at hand.", "仍可打印，请备好新纸卷。";
        "cutter": "Open the cover, free the blade and the jammed paper, close it, then switch the printer off and on.", "请打开上盖，清除卡纸并使切刀复位，合盖后将打印机断电重启。";
        "hot": "Wait some minutes; it goes on by itself.", "请等待几分钟，打印会自动继续。";
        "unrecoverable": "Switch the printer off and on. If it comes back, the printer needs repair.", "请将打印机断电重启；若故障再次出现，需要送修。";
        "offline": "Look at the printer: cover, paper, lamp, feed button. If all is well, switch it off and on.", "请检查打印机上盖、纸张、指示灯和走纸键；若均正常，请断电重启。";
        "busy": "End the other program (often CUPS or the usblp driver), or let receiptd have the printer.", "请停止占用打印机的程序（常见为 CUPS 或 usblp 驱动）。";
        "denied": "Install receiptd's udev rules and plug the printer in again, or look at the permissions of its device and at DeviceAllow= of the service.", "请安装 receiptd 的 udev 规则后重新插拔打印机，或检查设备权限和服务的 DeviceAllow= 设置。";
        "ambiguous": "Unplug the others, or say in /etc/receiptd/receiptd.toml which one is meant; receiptd's log names them.", "请拔掉其余打印机，或在 /etc/receiptd/receiptd.toml 中指明用哪一台；receiptd 的日志列出了它们。";
        "halted": "Switch the printer off and on. If it comes back, try another cable or port.", "请将打印机断电重启；若再次出现，请更换数据线或 USB 口。";
        "suspended": "Wake the terminal. If it is awake, unplug the printer's cable and plug it in again.", "请唤醒终端；若终端未休眠，请重新插拔打印机数据线。";
        "absent": "Check that the printer is switched on and its cable is plugged in at both ends.", "请确认打印机已开机，数据线两端已插好。";
        "not-connected": "Check that the printer is switched on and its cable is plugged in at both ends.", "请确认打印机已开机，数据线两端已插好。";
        "stalled": "Look at the printer; if its lamp shows no error, switch it off and on.", "请查看打印机；若指示灯无报错，请断电重启。";
        "queue-full": "Look why the jobs before it do not come out: receiptctl printers", "请查看前面的任务为何未打印：receiptctl printers";
        "store-full": "Make room on the disk; then receipts are accepted again.", "请清理存储空间，之后会恢复接收小票。";
        "store-failed": "Look at the disk (dmesg), then restart the daemon: systemctl restart receiptd", "请检查存储设备（dmesg），然后重启服务：systemctl restart receiptd";
    }
}

table! {
    /// Why nobody knows what became of an attempt.
    DOUBTS {
        "restart": "the terminal restarted or lost power", "终端重启或断电";
        "link-lost": "the cable or the connection was lost", "连接断开";
        "stalled": "the printer went silent", "打印机无响应";
        "cleared": "the printer cleared its memory", "打印机清空了缓存";
    }
}

table! {
    /// What a probe asks.
    PROBE_QUESTIONS {
        "dle-eot": "DLE EOT 1-4 status", "DLE EOT 1-4 状态";
        "port-status": "USB port status", "USB 端口状态";
        "gs-a": "GS a automatic status", "GS a 自动状态";
        "gs-i-65": "GS I 65 firmware", "GS I 65 固件";
        "gs-i-66": "GS I 66 maker", "GS I 66 厂商";
        "gs-i-67": "GS I 67 model", "GS I 67 型号";
        "gs-i-68": "GS I 68 serial number", "GS I 68 序列号";
        "gs-r": "GS r 1 paper, in order", "GS r 1 纸张（按序）";
        "gs-h-48": "GS ( H 48 echo of an id", "GS ( H 48 编号回送";
        "gs-g-148": "GS g 2 lines fed", "GS g 2 走纸行数";
        "gs-g-178": "GS g 2 cuts", "GS g 2 切纸次数";
    }
}

table! {
    /// When a probe asked it.
    PROBE_MOMENTS {
        "idle": "idle", "空闲时";
        "page": "behind the page", "检测页之后";
        "cut": "behind the cut", "切纸之后";
        "after": "at the end", "最后";
    }
}

table! {
    /// What to think of an answer.
    PROBE_VERDICTS {
        "believable": "believable", "可信";
        "too-soon": "sooner than any head prints: a lie", "比任何打印头都快：不可信";
        "too-short": "not judged", "未判断";
    }
}

table! {
    /// Which copy it is.
    COPIES {
        "merchant": "merchant copy", "商户存根";
        "customer": "customer copy", "持卡人存根";
        "bank": "bank copy", "银行存根";
        "single": "only copy", "单联";
    }
}

/// The reason in words.
pub fn reason(lang: Lang, code: &str) -> String {
    say(REASONS, lang, code)
}

/// The reasons in words, as a list in one line.
pub fn reasons(lang: Lang, codes: &[String]) -> String {
    let separator = match lang {
        Lang::En => ", ",
        Lang::Zh => "，",
    };
    codes.iter().map(|code| reason(lang, code)).collect::<Vec<_>>().join(separator)
}

/// What helps, if this build knows something.
pub fn remedy(lang: Lang, code: &str) -> Option<&'static str> {
    find(REMEDIES, code).map(|text| text.get(lang))
}

#[cfg(test)]
mod tests {
    use receiptd_api::{Cut, Grade, JobState, PrinterState, StoreState};

    use super::*;

    #[test]
    fn every_word_of_the_interface_has_its_sentence() {
        type Table = &'static [(&'static str, super::super::Text)];
        let lists: [(Table, Vec<&str>); 5] = [
            (JOB_STATES, JobState::ALL.iter().map(|word| word.as_str()).collect()),
            (PRINTER_STATES, PrinterState::ALL.iter().map(|word| word.as_str()).collect()),
            (STORE_STATES, StoreState::ALL.iter().map(|word| word.as_str()).collect()),
            (CUTS, Cut::ALL.iter().map(|word| word.as_str()).collect()),
            (GRADES, Grade::ALL.iter().map(|word| word.as_str()).collect()),
        ];
        for (table, words) in lists {
            let known: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
            assert_eq!(known, words);
        }
    }

    #[test]
    fn what_stops_a_printer_comes_with_what_helps() {
        for code in [
            "cover-open",
            "paper-out",
            "paper-near-end",
            "cutter",
            "hot",
            "unrecoverable",
            "offline",
            "busy",
            "denied",
            "ambiguous",
            "halted",
            "suspended",
        ] {
            assert!(find(REASONS, code).is_some() && remedy(Lang::Zh, code).is_some(), "{code}");
        }
        for (code, _) in REMEDIES {
            assert!(find(REASONS, code).is_some(), "{code}");
        }
        for why in ["restart", "link-lost", "stalled", "cleared"] {
            assert!(find(DOUBTS, why).is_some(), "{why}");
        }
    }

    #[test]
    fn an_unknown_word_is_shown_as_it_is() {
        assert_eq!(reason(Lang::Zh, "on-fire"), "on-fire");
        assert_eq!(reasons(Lang::En, &["paper-out".into(), "on-fire".into()]), "no paper, on-fire");
        assert_eq!(remedy(Lang::En, "on-fire"), None);
    }
}
