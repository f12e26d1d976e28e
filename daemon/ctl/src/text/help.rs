//! The help of the command line in Chinese. English stands with the arguments in `cmd`; a test holds the two
//! together, so that neither has what the other lacks.
//!
//! A key is the path of the command and the argument: `print`, `print.key`; `*` are the options of all commands.

/// What follows the help of the command as a whole.
pub const AFTER_EN: &str = "\
Examples:
  receiptctl status                            what is wrong, and what needs you
  receiptctl jobs --since 14:30 --until 14:35  what was accepted then
  receiptctl job 42                            why the receipt did not print
  receiptctl print slip.json --key T1-B7-0042 --wait

Exit codes, the JSON schema and more: man receiptctl";

/// The same in Chinese.
pub const AFTER_ZH: &str = "\
示例：
  receiptctl status                            哪里有问题，需要做什么
  receiptctl jobs --since 14:30 --until 14:35  那段时间接收了哪些小票
  receiptctl job 42                            这张小票为什么没有打印
  receiptctl print slip.json --key T1-B7-0042 --wait

退出码、JSON 格式等：man receiptctl";

/// The Chinese help for a key.
pub fn zh(key: &str) -> Option<&'static str> {
    ZH.iter().find(|(known, _)| *known == key).map(|(_, text)| *text)
}

/// All of it.
pub const ZH: &[(&str, &str)] = &[
    ("", "查询 receiptd 中小票的去向，并告诉它怎么做"),
    ("*.socket", "打印服务的套接字 [默认：$RECEIPTD_SOCKET，否则 /run/receiptd/api.sock，否则系统总线]"),
    ("*.bus", "通过消息总线而不是套接字连接"),
    ("*.json", "输出 JSON，每行一个对象；错误也以 JSON 写到标准错误"),
    ("*.lang", "输出语言：en 或 zh [默认：按 LC_ALL、LC_MESSAGES、LANG]"),
    ("*.quiet", "不输出提示和进度，只输出所查询的内容"),
    ("print", "提交一张小票打印"),
    ("print.file", "小票文件；- 为标准输入"),
    ("print.kind", "内容类型 [默认：按扩展名 .json 或 .txt，否则为 raw；标准输入按内容判断]"),
    ("print.key", "流水键：无论提交多少次都是同一张小票 [默认：自动生成]"),
    ("print.printer", "打印机 [默认：服务的默认打印机]"),
    ("print.title", "列表中显示的标题；不要写卡号"),
    ("print.hold", "先不打印，等待放行"),
    ("print.expires", "超过该时间仍未打印则放弃，例如 10m"),
    ("print.policy", "不知道是否已打印时：加标记重打，或等待人工处理 [默认：按打印机配置]"),
    ("print.purpose", "不是真实小票，而是培训或测试：上下都会注明"),
    ("print.wait", "等待结果；由退出码表示"),
    ("print.timeout", "最多等待的时间，例如 30s 或 5m"),
    ("print.dry_run", "只检查小票，不连接服务"),
    ("print.dots", "按此可打印宽度检查，单位为点：58 毫米纸 384，80 毫米纸 576"),
    ("print.templates", "加上该目录中适用的模板检查 [默认：不加]"),
    ("preview", "显示一张小票打印出来的样子，不打印"),
    ("preview.file", "小票文件；- 为标准输入"),
    ("preview.kind", "内容类型 [默认：按扩展名 .json 或 .txt，否则为 raw；标准输入按内容判断]"),
    ("preview.format", "输出格式 [默认：按 --output 的扩展名，否则为 text]"),
    ("preview.profile", "按此纸宽排版：80mm、76mm、58mm，或 `receiptctl printers models` 中的型号"),
    ("preview.copy", "只显示这一联 [默认：全部，依次排列]"),
    ("preview.output", "写入的文件 [默认：标准输出]"),
    ("preview.templates", "加上该目录中适用的模板 [默认：不加]"),
    ("preview.purpose", "按培训或测试小票显示"),
    ("validate", "检查小票文件，不打印；由退出码表示结果"),
    ("validate.files", "小票文件，可多个；- 为标准输入"),
    ("validate.kind", "内容类型 [默认：按扩展名 .json 或 .txt，否则为 raw；标准输入按内容判断]"),
    ("validate.profile", "按此纸宽检查：80mm、76mm、58mm，或 `receiptctl printers models` 中的型号"),
    ("validate.templates", "加上该目录中适用的模板 [默认：不加]"),
    ("template", "检查、列出和预览模板：小票上下方的商户内容"),
    ("template.check", "检查目录中的模板；由退出码表示是否全部有效"),
    ("template.check.folder", "目录"),
    ("template.check.profile", "还须适合此纸宽 [默认：只说明是否适合]"),
    ("template.list", "列出模板、适用范围和今日打印的部分"),
    ("template.list.folder", "目录"),
    ("template.list.date", "按此日期，例如 2026-12-24 [默认：今日]"),
    ("template.preview", "显示一张小票加上模板的样子，不打印"),
    ("template.preview.name", "模板名"),
    ("template.preview.receipt", "加模板的 JSON 小票 [默认：示例]"),
    ("template.preview.date", "按此日期，例如 2026-12-24 [默认：今日]"),
    ("template.preview.folder", "目录"),
    ("template.preview.format", "输出格式 [默认：按 --output 的扩展名，否则为 text]"),
    ("template.preview.profile", "按此纸宽排版：80mm、76mm、58mm，或 `receiptctl printers models` 中的型号"),
    ("template.preview.copy", "只显示这一联 [默认：全部，依次排列]"),
    ("template.preview.output", "写入的文件 [默认：标准输出]"),
    ("link", "生成或验证电子小票的签名链接"),
    ("link.make", "为一张小票生成链接"),
    ("link.make.file", "小票文件；- 为标准输入"),
    ("link.make.template", "网址模板，例如 https://r.example.com/{payload}"),
    ("link.make.key_file", "密钥文件：64 至 128 个十六进制数字，其他用户不可读"),
    ("link.make.key_number", "密钥编号，供有多个密钥的主机使用"),
    ("link.make.shop", "商户和终端，由商户自定"),
    ("link.make.amount", "币种和最小单位的金额，例如 CNY12800 表示 128.00 元"),
    ("link.make.time", "小票时间，Unix 秒 [默认：现在]"),
    ("link.make.kind", "内容类型 [默认：按扩展名 .json 或 .txt，否则为 raw；标准输入按内容判断]"),
    ("link.make.profile", "按此纸宽排版：80mm、76mm、58mm，或 `receiptctl printers models` 中的型号"),
    ("link.make.copy", "指哪一联 [默认：持卡人存根，没有则为第一联]"),
    ("link.verify", "验证链接，并说明其内容"),
    ("link.verify.link", "网址，或其中的链接内容"),
    ("link.verify.key_file", "密钥文件"),
    ("link.verify.template", "生成该链接的网址模板"),
    ("link.verify.file", "同时检查是否指这张小票"),
    ("link.verify.profile", "按此纸宽排版：80mm、76mm、58mm，或 `receiptctl printers models` 中的型号"),
    ("jobs", "列出任务"),
    ("jobs.printer", "只列该打印机的任务"),
    ("jobs.state", "只列该状态的任务"),
    ("jobs.active", "只列未结束的任务"),
    ("jobs.since", "只列此后接收的任务：2h（之前）、14:30（今天）、2026-11-27 或 2026-11-27T14:30:00"),
    ("jobs.until", "只列此前接收的任务；写法同 --since"),
    ("jobs.key", "只列该流水键的任务"),
    ("jobs.owner", "只列该用户的任务：用户名或用户号"),
    ("jobs.newest", "最新的在前；这是默认"),
    ("jobs.oldest", "最早的在前"),
    ("jobs.limit", "最多列出的数量"),
    ("jobs.all", "列出全部符合条件的任务"),
    ("job", "说明一个任务的完整经过，以及现在可以做什么"),
    ("job.id", "任务号"),
    ("job.key", "当前用户以该流水键提交的任务"),
    ("job.format", "改为显示小票内容：text、html、png 或 pdf"),
    ("job.output", "小票内容写入的文件 [默认：标准输出]"),
    ("job.exit_code", "由退出码表示任务的结果"),
    ("reprint", "重打已结束的任务，带“重打印”标记"),
    ("reprint.id", "任务号"),
    ("reprint.reason", "原因；随任务保存"),
    ("reprint.key", "使请求可重复：同一键得到同一份，不会多打 [默认：自动生成]"),
    ("reprint.wait", "等待结果；由退出码表示"),
    ("reprint.timeout", "最多等待的时间，例如 30s 或 5m"),
    ("cancel", "取消任务，不再打印"),
    ("cancel.ids", "任务号，可多个"),
    ("cancel.reason", "原因；随任务保存"),
    ("hold", "暂缓一个任务"),
    ("hold.id", "任务号"),
    ("hold.reason", "原因；随任务保存"),
    ("release", "放行一个被暂缓的任务"),
    ("release.id", "任务号"),
    ("resolve", "确认结果不明的任务是否已出纸"),
    ("resolve.id", "任务号"),
    ("resolve.printed", "小票已出纸：任务以人工确认结束"),
    ("resolve.not_printed", "小票没有出纸：重新打印，带“重打印”标记"),
    ("resolve.note", "所见情况；随任务保存"),
    ("printers", "列出打印机及其故障和处理办法"),
    ("printers.name", "只看这一台的全部信息"),
    ("printers.probe", "逐项询问打印机并打印检测页，说明它实际应答什么"),
    ("printers.probe.printer", "打印机 [默认：服务的默认打印机]"),
    ("printers.probe.write", "把 quirk 条目草稿写入该新文件；- 为标准输出（代替报告）"),
    ("printers.models", "列出配置中可用的打印机型号"),
    ("printers.models.id", "只看该型号的全部信息"),
    ("printers.models.folder", "自有型号文件所在目录"),
    ("can-print", "查询现在能否打印一张小票"),
    ("can-print.printer", "打印机 [默认：服务的默认打印机]"),
    ("can-print.length", "小票长度，毫米"),
    ("watch", "跟踪变化，每个变化一行"),
    ("watch.printer", "只看该打印机及其任务"),
    ("watch.key", "只看该流水键的任务"),
    ("status", "一屏概览"),
    ("store", "检查、导出或重建（已停止的）服务的存储"),
    ("store.check", "通读全部内容并说明是否完好；不作改动"),
    ("store.check.dir", "存储目录"),
    ("store.export", "以 JSON 行导出内容；不作改动"),
    ("store.export.dir", "存储目录"),
    ("store.export.output", "写入的文件 [默认：标准输出]"),
    ("store.export.raw", "按存储原样以十六进制导出（含小票内容），不解码"),
    ("store.rebuild", "由日志重建索引；旧索引移到一旁保留"),
    ("store.rebuild.dir", "存储目录"),
    ("completion", "输出 shell 补全脚本"),
    ("completion.shell", "shell 的名称"),
    ("man", "生成手册页"),
    ("man.dir", "目录"),
];
