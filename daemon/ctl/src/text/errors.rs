//! What went wrong, and what to do next.
//!
//! The daemon's own errors bring their sentence along; here are those of the command itself, and for every error
//! of either kind the next step. Which exit code an error has is the business of `failure`.

use super::{table, texts};

texts! {
    NO_SOCKET: "there is no socket at {path}", "{path} 处没有套接字";
    NOBODY_LISTENS: "nobody listens at {path}: the daemon has stopped or crashed", "{path} 无人监听：打印服务已停止或崩溃";
    DENIED: "no permission for {path}: {hint}", "没有权限访问 {path}：{hint}";
    PATH_TOO_LONG: "the socket path has {bytes} bytes, more than a socket can have: {path}", "套接字路径有 {bytes} 字节，超出上限：{path}";
    CONNECT_TIMEOUT: "the daemon did not answer in time at {path}", "打印服务未在限定时间内应答：{path}";
    NO_BUS: "the {bus} bus cannot be reached: {why}", "无法连接 {bus} 总线：{why}";
    REFUSED: "the daemon at {path} refused the connection: {why}", "{path} 处的打印服务拒绝了连接：{why}";
    CANNOT_CONNECT: "the daemon cannot be reached: {why}", "无法连接打印服务：{why}";
    FILE: "{path} cannot be read: {why}", "无法读取 {path}：{why}";
    FILE_WRITE: "{path} cannot be written: {why}", "无法写入 {path}：{why}";
    OUTPUT: "the output cannot be written: {why}", "无法写出结果：{why}";
    TOO_LARGE: "{path} has more than {max} bytes", "{path} 超过 {max} 字节";
    NOT_TEXT: "{path} is not UTF-8 text", "{path} 不是 UTF-8 文本";
    NO_COPY: "the document has no copy {copy}; it has: {there}", "该小票没有 {copy} 联；有：{there}";
    TERMINAL: "a PNG or PDF is not written to a terminal", "PNG 或 PDF 不能输出到终端";
    NO_PRESS: "receiptd-press, which shows receipts, is not installed", "未安装用于显示小票的程序 receiptd-press";
    PRESS: "receiptd-press failed: {why}", "receiptd-press 运行失败：{why}";
    KEY_FILE: "{path} is no key: {why}", "{path} 不能用作密钥：{why}";
    KEY_MODE: "others can read or write it", "其他用户可以读写该文件";
    KEY_TEXT: "it has to be 64 to 128 hexadecimal digits", "内容须为 64 至 128 个十六进制数字";
    NO_PRINTER: "no printer is called {name}", "没有名为 {name} 的打印机";
    NO_MODEL: "no printer model is called {id}", "没有名为 {id} 的打印机型号";
    NO_MODEL_NEAR: "no printer model is called {id}; near it: {near}", "没有名为 {id} 的打印机型号；相近的有：{near}";
    MODELS: "{path} is not a file of printer models: {why}", "{path} 不是有效的打印机型号文件：{why}";
    NO_TEMPLATE: "no template is called {name}; there are: {there}", "没有名为 {name} 的模板；现有：{there}";
    TEMPLATE: "{path} is no template: {why}", "{path} 不是有效的模板：{why}";
    TEMPLATE_UNFIT: "the template {name} can't be printed around this receipt on this paper, so the daemon would leave it out: {why}", "模板 {name} 无法在此纸宽上与该小票一起打印，服务会略去模板：{why}";
    NO_USER: "no user of this machine is called {name}", "本机没有名为 {name} 的用户";
    NO_KEY: "no job has the key {key}", "没有流水键为 {key} 的任务";
    STORE_IN_USE: "the store in {dir} is in use by process {pid}: the daemon is running", "{dir} 中的存储正被进程 {pid} 使用：打印服务正在运行";
    STORE_MISSING: "there is no store in {dir}", "{dir} 中没有存储";
    STORE_OPEN: "the store in {dir} cannot be opened: {why}", "无法打开 {dir} 中的存储：{why}";
    STORE_READ: "the store in {dir} cannot be read: {why}", "无法读取 {dir} 中的存储：{why}";
    INTERRUPTED: "interrupted", "已中断";
    RUNTIME: "the command could not start: {why}", "命令无法启动：{why}";
}

table! {
    /// The next step, by error code.
    NEXT {
        "InvalidDocument": "Mend the document at that place; check it without the daemon: receiptctl print --dry-run FILE", "请修改所指位置；可不经服务先检查：receiptctl print --dry-run 文件";
        "InvalidArgument": "Mend the argument that is named; see receiptctl VERB --help", "请更正所指参数；参见 receiptctl 命令 --help";
        "TooLarge": "Make the document smaller, or split it: the message names the limit. A picture of a whole receipt has less than 200 kB.", "请减小或拆分内容：上文给出了所超的限制。整张小票的图片也不到 200 kB。";
        "KeyConflict": "See what has this key: receiptctl job --key KEY. A new receipt needs a key of its own.", "查看该键对应的任务：receiptctl job --key 键。新的小票须使用自己的键。";
        "UnknownPrinter": "See which there are: receiptctl printers", "查看已配置的打印机：receiptctl printers";
        "UnknownModel": "See which there are: receiptctl printers models. For a printer that is not there, say paper and dots.", "查看型号：receiptctl printers models。没有所用型号时，请设置 paper 和 dots。";
        "Models": "Mend the file at that place; the keys are in receiptd.toml(5).", "请修改文件中所指位置；键名见 receiptd.toml(5)。";
        "UnknownTemplate": "See which there are: receiptctl template list", "查看模板：receiptctl template list";
        "Template": "Mend the file at that place; the keys are in receiptd-template(5).", "请修改文件中所指位置；键名见 receiptd-template(5)。";
        "TemplateUnfit": "Mend that line of the template, then check it: receiptctl template check", "请修改模板中的该行，再检查：receiptctl template check";
        "UnknownJob": "See which there are: receiptctl jobs --all. Jobs of others are seen by operators only.", "查看任务：receiptctl jobs --all。他人的任务仅操作员可见。";
        "NotAllowed": "Run it as an operator: root, or a member of the operator group of the daemon's configuration.", "请以操作员身份执行：root，或属于服务配置中的操作员组。";
        "QueueFull": "See why the jobs do not come out: receiptctl printers. Then try again with the same key.", "查看任务为何未打印：receiptctl printers。处理后用同一键重试。";
        "StoreFull": "Make room on the disk, then try again with the same key.", "请清理存储空间，然后用同一键重试。";
        "StoreFailed": "Look at the disk (dmesg, journalctl -u receiptd), then restart the daemon and try again with the same key.", "请检查存储设备（dmesg、journalctl -u receiptd），重启服务后用同一键重试。";
        "WrongState": "See what became of it: receiptctl job ID", "查看任务当前情况：receiptctl job 任务号";
        "PrinterNotReady": "See what it does: receiptctl printers. Then probe it again.", "查看打印机状态：receiptctl printers。之后再检测。";
        "BodyGone": "Only the payment app can print it again, from its own records.", "只能由支付应用按其自身记录重新提交。";
        "TooManyWatches": "End other watchers of this user.", "请结束当前用户的其他监视。";
        "Busy": "Try again in a moment, with the same key.", "请稍后用同一键重试。";
        "ShuttingDown": "Try again in a moment, with the same key; what was accepted is safe.", "请稍后用同一键重试；已接收的小票是安全的。";
        "Disconnected": "Ask again with the same key: nothing is printed twice by that.", "请用同一键重试：不会因此重复打印。";
        "NotRunning": "Start it: systemctl start receiptd; see why it ended: journalctl -u receiptd", "启动服务：systemctl start receiptd；查看停止原因：journalctl -u receiptd";
        "DeniedByBus": "Ask through the daemon's socket (--socket), or install the D-Bus policy file of receiptd.", "请改用服务套接字（--socket），或安装 receiptd 的 D-Bus 策略文件。";
        "Protocol": "Compare the versions: receiptctl --version and receiptd --version", "请比较版本：receiptctl --version 与 receiptd --version";
        "NoSocket": "Start the daemon: systemctl start receiptd; or name its socket: --socket PATH", "启动服务：systemctl start receiptd；或指定套接字：--socket 路径";
        "NobodyListens": "Start the daemon: systemctl restart receiptd; see why it ended: journalctl -u receiptd", "启动服务：systemctl restart receiptd；查看停止原因：journalctl -u receiptd";
        "Denied": "Join the socket's group and log in again, or run it as root.", "请将用户加入套接字所属组并重新登录，或以 root 执行。";
        "PathTooLong": "Use a shorter path for the socket.", "请使用更短的套接字路径。";
        "ConnectTimeout": "See what the daemon does: systemctl status receiptd", "查看服务状态：systemctl status receiptd";
        "NoBus": "Use the daemon's socket: --socket /run/receiptd/api.sock", "请使用服务套接字：--socket /run/receiptd/api.sock";
        "Refused": "Close other connections to the daemon, then try again.", "请关闭其他连接后重试。";
        "CannotConnect": "See what the daemon does: systemctl status receiptd", "查看服务状态：systemctl status receiptd";
        "UnknownUser": "Give the user id as a number.", "请用数字形式的用户号。";
        "File": "Check the path and its permissions.", "请检查路径和权限。";
        "NotText": "Print it as it is with --kind raw, or convert it to UTF-8.", "可用 --kind raw 原样打印，或转换为 UTF-8。";
        "NoCopy": "Name one of those, or leave --copy out.", "请指定其中之一，或省略 --copy。";
        "Terminal": "Name a file: --output FILE", "请指定文件：--output 文件";
        "NoPress": "Install the package receiptd whole, or name the program in RECEIPTD_PRESS.", "请完整安装 receiptd 软件包，或用 RECEIPTD_PRESS 指定该程序。";
        "Press": "Check that receiptctl and receiptd-press are of one version, and that fonts are installed (fonts-wqy-zenhei).", "请确认 receiptctl 与 receiptd-press 版本一致，并已安装字体（fonts-wqy-zenhei）。";
        "KeyFile": "Make one: (umask 077; openssl rand -hex 32 > FILE)", "生成密钥：(umask 077; openssl rand -hex 32 > 文件)";
        "LinkSignature": "Do not trust it. If the merchant has several keys, try the one with the number that it names.", "请勿相信该链接。如商户有多个密钥，请使用所指编号的密钥。";
        "LinkPayload": "Give the whole address, and its --template if it has more than the payload.", "请给出完整网址；如网址含其他内容，同时给出 --template。";
        "LinkArgument": "Mend what is named; see receiptctl link --help", "请更正所指内容；参见 receiptctl link --help";
        "StoreInUse": "Stop the daemon first: systemctl stop receiptd", "请先停止服务：systemctl stop receiptd";
        "StoreMissing": "Name the directory of the store; the default is /var/lib/receiptd/spool", "请指定存储目录；默认为 /var/lib/receiptd/spool";
        "StoreOpen": "Mend what is named, then try again; nothing was changed.", "请排除上述问题后重试；数据未被改动。";
        "StoreRead": "Look at the disk (dmesg) and copy the directory before anything else is done.", "请先检查存储设备（dmesg）并备份该目录。";
        "Usage": "See: receiptctl --help", "参见：receiptctl --help";
    }
}

#[cfg(test)]
mod tests {
    use receiptd_api::ApiError;

    use super::*;
    use crate::text::find;

    #[test]
    fn every_error_of_the_interface_says_what_to_do_next() {
        for name in ApiError::NAMES {
            assert!(find(NEXT, name).is_some(), "{name}");
        }
    }
}
