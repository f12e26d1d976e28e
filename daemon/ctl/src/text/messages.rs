//! What the verbs say: headings, labels, results, hints and advice.

use super::{Text, texts};

texts! {
    ERROR: "error: {message} [{code}]", "错误：{message} [{code}]";
    NEXT_STEP: "  what to do: {next}", "  怎么办：{next}";
    USAGE_ERROR: "usage error: {message}", "用法错误：{message}";
    USAGE_MORE: "See: {command} --help", "参见：{command} --help";
    COMMA: ", ", "，";
    JOB: "job {id}", "任务 {id}";
    PRINTER: "printer {name}", "打印机 {name}";
    STATE_WHY: "{state}: {why}", "{state}：{why}";
    STATE_GRADE: "{state} ({grade})", "{state}（{grade}）";
    DUPLICATE: "DUPLICATE No.{count}", "重打印 No.{count}";
    PROGRESS: ", line {line} of {lines}", "，第 {line}/{lines} 行";

    H_JOB: "JOB", "任务";
    H_ACCEPTED: "ACCEPTED", "接收时间";
    H_STATE: "STATE", "状态";
    H_PRINTER: "PRINTER", "打印机";
    H_COPY: "COPY", "联";
    H_TITLE: "TITLE", "标题";
    H_JOBS: "JOBS", "排队";
    H_PAPER: "PAPER", "纸张";
    H_GRADE: "GRADE", "证据";
    H_MODEL: "MODEL", "型号";
    H_ID: "MODEL", "型号";
    H_DOTS: "DOTS", "点";
    H_COLUMNS: "COLUMNS", "列";
    H_NAME: "NAME", "名称";
    H_LINES: "LINES", "行数";
    H_LENGTH: "LENGTH", "长度";
    H_BYTES: "BYTES", "字节";

    L_TITLE: "Title", "标题";
    L_COPY: "Copy", "联";
    L_REPRINT_OF: "Copy of", "重打自";
    L_KEY: "Key", "流水键";
    L_PRINTER: "Printer", "打印机";
    L_ACCEPTED: "Accepted", "接收";
    L_ENDED: "Ended", "结束";
    L_EVIDENCE: "Evidence", "证据";
    L_REASON: "Reason", "原因";
    L_PAPER: "On paper", "纸面";
    L_STATE: "State", "状态";
    L_SINCE: "Since", "开始于";
    L_MODEL: "Model", "型号";
    L_SERIAL: "Serial no.", "序列号";
    L_ENDPOINT: "Connected at", "连接位置";
    L_PAPER_LEFT: "Paper", "纸张";
    L_GRADE: "Can prove", "证据能力";
    L_QUEUE: "Jobs waiting", "等待任务";
    L_CURRENT: "Printing now", "正在打印";
    L_DAEMON: "Daemon", "打印服务";
    L_STORE: "Store", "存储";
    L_QUEUED: "Waiting", "等待打印";
    L_SENDING: "Printing", "正在打印";
    L_UNCERTAIN: "Uncertain", "结果不明";
    L_HELD: "Held", "已暂缓";
    L_PRINTERS: "Printers", "打印机";

    L_STORY: "Story", "说明";
    L_SOURCE: "Source", "来源";
    L_FIRMWARE: "Firmware", "固件";
    L_PAGE: "Page", "检测页";
    L_USB_ID: "USB id", "USB 标识";
    L_USB_SERIAL: "USB serial no.", "USB 序列号";
    L_USB_INTERFACE: "USB interface", "USB 接口";
    L_USB_DEVICE_ID: "IEEE 1284 id", "IEEE 1284 标识";
    H_ASKED: "ASKED", "询问";
    H_WHEN: "WHEN", "时机";
    H_ANSWER: "ANSWER", "应答";
    H_AFTER: "AFTER", "用时";
    H_VERDICT: "VERDICT", "判断";

    DEFAULT_PRINTER: "default", "默认";
    ACCEPTED_BY: "{time} from {by}", "{time}，提交者 {by}";
    EXTENT: "{lines} lines, about {mm} mm; cut: {cut}", "{lines} 行，约 {mm} 毫米；切纸：{cut}";
    MM: "{mm} mm", "{mm} 毫米";
    VERSION: "receiptd {version}, interface {api}", "receiptd {version}，接口版本 {api}";
    STORY_TITLE: "What happened", "经过";
    ADVICE_TITLE: "What you can do", "现在可以做什么";
    NO_JOBS: "no jobs match", "没有符合条件的任务";
    NO_PRINTERS: "no printers are configured", "没有配置打印机";
    MORE_JOBS: "there are more; see them with --all or a larger --limit", "还有更多任务；使用 --all 或更大的 --limit 查看";

    ADVICE_PRINTED: "Nothing needs to be done: the receipt is on paper.", "无需处理：小票已打印。";
    ADVICE_REPRINT: "For another copy, with the duplicate mark: receiptctl reprint {id} --reason TEXT", "如需再打一份（带“重打印”标记）：receiptctl reprint {id} --reason 原因";
    ADVICE_BODY_GONE: "The document is no longer stored; only the payment app can submit it again.", "小票原文已不再保存，只能由支付应用重新提交。";
    ADVICE_CUT: "The receipt is printed but not cut: tear it off.", "小票已打印但未切断，请手动撕下。";
    ADVICE_SENT: "This printer cannot prove that it printed: look whether the receipt is there.", "该打印机无法证实是否已打印：请查看小票是否已出纸。";
    ADVICE_NOT_PRINTED: "It is not on paper and will not be printed.", "小票没有打印，也不会再打印。";
    ADVICE_NOT_AGAIN: "It will not be printed again. Nobody knows whether an earlier attempt came out: look for it.", "不会再打印。先前的尝试是否已出纸不明：请查看。";
    ADVICE_LOOK: "Look whether the receipt came out of the printer.", "请查看小票是否已从打印机出纸。";
    ADVICE_CAME_OUT: "If it is there: receiptctl resolve {id} --printed", "如果已出纸：receiptctl resolve {id} --printed";
    ADVICE_MISSING: "If it is not: receiptctl resolve {id} --not-printed (prints it again, marked)", "如果没有：receiptctl resolve {id} --not-printed（重新打印并加标记）";
    ADVICE_UNCERTAIN: "Nothing needs to be done: when the printer is back, late proof is looked for; without it the job is printed again, marked, or waits for a person, as its policy says. To settle it sooner, look whether it came out.", "通常无需处理：打印机恢复后会先读取迟到的确认，若没有则按策略加标记重打，或等待人工确认。如需立即了结，请查看是否已出纸。";
    ADVICE_RELEASE: "To print it: receiptctl release {id}", "要打印：receiptctl release {id}";
    ADVICE_CANCEL: "Not to print it: receiptctl cancel {id}", "不再打印：receiptctl cancel {id}";
    ADVICE_WAIT: "Nothing needs to be done: it prints when its turn comes. To follow it: receiptctl watch", "无需处理：轮到时会自动打印。跟踪进度：receiptctl watch";
    ADVICE_CALL_BACK: "What the printer has can't be called back. Not to print it all the same: switch the printer off and on, then: receiptctl cancel {id}", "已发到打印机的内容无法撤回。如确定不再打印：将打印机断电重启，然后执行 receiptctl cancel {id}";
    ADVICE_BY_ITSELF: "After that it prints by itself; nothing is lost meanwhile.", "之后会自动打印，期间小票不会丢失。";

    SUBMITTED: "accepted: job {id}", "已接收：任务 {id}";
    SUBMITTED_COPY: "accepted: job {id}, {copy}", "已接收：任务 {id}，{copy}";
    EXISTED: "this key with this content was accepted before; nothing was added", "该流水键和内容此前已接收，未重复添加";
    MASKED: "card numbers masked: {count}; full ones are never stored or printed, so mask them in the app", "已屏蔽卡号：{count} 个；完整卡号不会存储或打印，请在应用中先行屏蔽";
    KEY_IS: "key: {key}", "流水键：{key}";
    KEY_USED: "if this breaks off, repeat it with --key {key}: nothing is printed twice by that", "如果中断，请用 --key {key} 重复执行：不会因此重复打印";
    FOLLOW: "to see what becomes of it: receiptctl job {id}", "查看结果：receiptctl job {id}";
    REPRINTED: "job {id} prints job {of} again, marked as a duplicate", "任务 {id} 将重打任务 {of}，带“重打印”标记";
    STILL_WAITING: "still waiting for job {id}; it goes on without this command: receiptctl job {id}", "仍在等待任务 {id}；退出本命令后任务会继续：receiptctl job {id}";
    CONNECTION_LOST: "the connection to the daemon broke; trying again", "与打印服务的连接中断，正在重试";
    CONNECTED_AGAIN: "connected again", "已重新连接";
    GOES_ON: "interrupted; what was accepted goes on", "已中断；已接收的任务会继续";
    WATCHING: "watching; Ctrl-C ends", "正在监视；按 Ctrl-C 结束";

    DONE_CANCEL: "job {id} is canceled", "任务 {id} 已取消";
    DONE_HOLD: "job {id} is held; to print it: receiptctl release {id}", "任务 {id} 已暂缓；要打印：receiptctl release {id}";
    DONE_RELEASE: "job {id} goes on", "任务 {id} 已放行";
    DONE_RESOLVE_PRINTED: "job {id} is settled: it is on paper", "任务 {id} 已了结：小票已出纸";
    DONE_RESOLVE_MISSING: "job {id} is printed again, marked as a duplicate", "任务 {id} 将重新打印，带“重打印”标记";

    CAN_PRINT: "yes: it would come out now", "可以：现在能打印";
    CAN_PRINT_AFTER: "yes: after {jobs} other jobs, in about {seconds} s", "可以：前面还有 {jobs} 个任务，约 {seconds} 秒后打印";
    CANNOT_PRINT: "no: {why}", "不可以：{why}";
    CANNOT_PRINT_UNKNOWN: "no", "不可以";
    NOTE_WELL: "note: {why}", "注意：{why}";

    WOULD_MASK: "full card numbers found: {count}; they will be masked, unless the daemon's configuration refuses them", "发现完整卡号：{count} 个；将被屏蔽，除非服务配置为拒绝";
    CHECKED: "the document is sound; nothing was submitted", "小票内容有效；未提交";
    CHECKED_PROFILE: "checked for a printer of {dots} dots; the daemon checks again for the printer's own profile", "按 {dots} 点宽的打印机检查；服务会按打印机的实际配置再次检查";

    SOUND: "{file}: sound; {copy}, {lines} lines, {mm} mm, {bytes} bytes", "{file}：有效；{copy}，{lines} 行，{mm} 毫米，{bytes} 字节";
    SOUND_MASKED: "{file}: sound; {copy}, {lines} lines, {mm} mm, {bytes} bytes; card numbers that will be masked: {count}", "{file}：有效；{copy}，{lines} 行，{mm} 毫米，{bytes} 字节；将屏蔽的卡号：{count} 个";
    NOT_SOUND: "{file}: {message} [{code}]", "{file}：{message} [{code}]";
    PREVIEWED: "{path}: {bytes} bytes, {mm} mm of paper", "{path}：{bytes} 字节，纸长 {mm} 毫米";
    TEMPLATE_SOUND: "{file}: sound; lines above the receipt: {above}, below: {below}", "{file}：有效；小票上方 {above} 行，下方 {below} 行";
    TEMPLATE_NARROW: "{file}: does not fit on {paper} paper: {message}", "{file}：不适合 {paper} 纸：{message}";
    TEMPLATE_OFF: "nothing of the template {name} is printed on {day}", "模板 {name} 在 {day} 没有可打印的内容";
    TEMPLATES_WRONG: "files or templates that are wrong: {count}; see receiptctl template check {folder}", "有误的文件或模板：{count} 个；参见 receiptctl template check {folder}";
    NO_TEMPLATES: "there are no templates", "没有模板";
    ALL_MERCHANTS: "all", "全部";
    PARTS_PRINTED: "{on} of {all}", "{all} 段中的 {on} 段";
    H_TEMPLATE: "TEMPLATE", "模板";
    H_MERCHANT: "MERCHANT", "商户";
    H_FOR: "FOR", "用于";
    H_COPIES: "COPIES", "联";
    H_PRINTED: "PARTS PRINTED", "打印的段";
    L_LINK: "Link", "链接";
    L_TIME: "Time", "时间";
    L_SHOP: "Shop", "商户";
    L_AMOUNT: "Amount", "金额";
    L_HASH: "Receipt", "小票";
    L_KEY_NUMBER: "Key no.", "密钥编号";
    LINK_TRUE: "the link is genuine", "链接真实有效";
    LINK_MATCHES: "it names copy {copy} of this document", "所指为该小票的{copy}";
    LINK_OTHER: "it names another document", "所指为另一张小票";

    STORE_SOUND: "the store in {dir} is sound", "{dir} 中的存储完好";
    STORE_DAMAGED: "the store in {dir} is damaged", "{dir} 中的存储已损坏";
    L_RECORDS: "Records", "记录";
    L_JOURNAL: "Journal", "日志";
    L_LAG: "Index", "索引";
    L_QUARANTINED: "In quarantine", "已隔离";
    BYTES: "{count} bytes", "{count} 字节";
    STORE_LAG_VALUE: "{count} batches behind the journal; the next start makes up for it", "落后日志 {count} 批；下次启动时自动补上";
    JOURNAL_DAMAGE: "  journal: {place}", "  日志：{place}";
    INDEX_DAMAGE: "  index: {place}", "  索引：{place}";
    DAMAGED_JOURNAL_NEXT: "what to do: copy the directory first; then start the daemon, which reads what can be read and puts the rest into quarantine", "怎么办：先备份该目录；然后启动服务，服务会读取可读部分并隔离其余部分";
    AHEAD_NEXT: "what to do: the journal ends before the index, so its end is damaged; copy the directory first, then start the daemon, which keeps what either of them has", "怎么办：日志比索引短，说明日志尾部损坏；请先备份该目录，然后启动服务，服务会保留两者中的全部内容";
    DAMAGED_INDEX_NEXT: "what to do: nothing is lost, the journal is sound; build the index anew: receiptctl store rebuild", "怎么办：没有丢失，日志完好；请重建索引：receiptctl store rebuild";
    REBUILT: "the index was built anew: {records} records", "索引已重建：{records} 条记录";
    REBUILT_LOST: "the journal is damaged too: records may be missing; what could not be read is in the quarantine", "日志也有损坏：可能缺少记录；无法读取的内容已隔离";
    EXPORTED: "{records} records exported", "已导出 {records} 条记录";
    EXPORTED_DAMAGED: "{records} records exported; {places} damaged places of the journal are missing", "已导出 {records} 条记录；日志有 {places} 处损坏，内容缺失";
    STILL_WORKING: "still working, {seconds} s", "仍在处理，已 {seconds} 秒";

    PROBING: "asking {name}, then printing a page; this takes up to a quarter of a minute", "正在询问 {name}，随后打印检测页；最多约 15 秒";
    PROBE_PAGE: "{mm} mm, {bytes} bytes, {taken}", "{mm} 毫米，{bytes} 字节，{taken}";
    PROBE_TAKEN: "taken after {after}", "{after} 后收下";
    PROBE_NOT_TAKEN: "not taken", "未收下";
    PROBE_SILENT: "no answer", "无应答";
    PROBE_ENDED_EARLY: "The probe ended early: {why}. Mend that, then probe again.", "检测提前结束：{why}。请排除后重新检测。";
    PROBE_LOOK_TITLE: "Look at the page", "请查看检测页";
    PROBE_LOOK_CHINESE: "Are the Chinese characters right? If not, set kanji in the printer's profile.", "汉字是否正确？如不正确，请修改该打印机配置中的 kanji。";
    PROBE_LOOK_WIDTH: "Does the ruler fill one line exactly? If not, set paper or dots.", "标尺是否正好占满一行？如不是，请修改 paper 或 dots。";
    PROBE_LOOK_STRAY: "Are there stray characters above the page? Then it prints a question that it does not know: say so in the story.", "检测页上方是否有乱码？如有，说明它把不认识的询问打印出来了：请写入 story。";
    PROBE_LOOK_CUT: "Is the paper cut below the last line? If not, set cutter or feed-before-cut-dots.", "是否在最后一行之下切纸？如不是，请修改 cutter 或 feed-before-cut-dots。";
    PROBE_WRITTEN: "the draft of a quirk entry is in {path}; replace each TODO in it", "quirk 条目草稿已写入 {path}；请替换其中每处 TODO";
    PROBE_NOT_WRITTEN: "for the draft of a quirk entry: receiptctl printers probe --write FILE", "要 quirk 条目草稿：receiptctl printers probe --write 文件";

    CONFIGURATION_WRONG: "Mend the configuration: {what}", "请修改服务配置：{what}";
    UNCERTAIN_ONES: "{count} uncertain: receiptctl jobs --state uncertain", "{count} 个结果不明：receiptctl jobs --state uncertain";
    HELD_ONES: "{count} held: receiptctl jobs --state held", "{count} 个已暂缓：receiptctl jobs --state held";
}

/// The header of a list of jobs.
pub const JOBS_HEADER: [Text; 6] = [H_JOB, H_ACCEPTED, H_STATE, H_PRINTER, H_COPY, H_TITLE];
/// The header of the list of printers.
pub const PRINTERS_HEADER: [Text; 6] = [H_PRINTER, H_STATE, H_JOBS, H_PAPER, H_GRADE, H_MODEL];
/// The header of the list of printer models.
pub const MODELS_HEADER: [Text; 4] = [H_ID, H_DOTS, H_COLUMNS, H_NAME];
/// The header of the list of templates.
pub const TEMPLATES_HEADER: [Text; 5] = [H_TEMPLATE, H_MERCHANT, H_FOR, H_COPIES, H_PRINTED];
/// The header of what a printer answered.
pub const PROBE_HEADER: [Text; 5] = [H_ASKED, H_WHEN, H_ANSWER, H_AFTER, H_VERDICT];
/// The header of a checked document.
pub const CHECKED_HEADER: [Text; 5] = [H_COPY, H_LINES, H_LENGTH, H_BYTES, H_TITLE];
