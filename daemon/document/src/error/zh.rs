//! The errors in Chinese, for people at the counter: what, where, and what to do.

use super::shape_zh::shape;
use super::{DocumentError, Extent, Place, Unprintable};
use crate::card::CardFound;

impl DocumentError {
    /// The same in Chinese, for people at the counter: what, where, and what to do.
    #[must_use]
    pub fn message_zh(&self) -> String {
        match self {
            Self::Empty { copy: None } => "单据为空,没有可打印的内容".into(),
            Self::Empty { copy: Some(copy) } => format!("单据的 {copy} 联为空,没有可打印的内容"),
            Self::TooLarge { bytes, max } => format!("单据过大:{bytes} 字节,最多 {max} 字节"),
            Self::TooLong { extent, max } => format!("单据过长:最多 {max} {}", extent.unit_zh()),
            Self::Profile { key, value, min, max } => {
                format!("打印机参数 {key} = {value} 无效,应为 {min} 至 {max}")
            }
            Self::NotEscpos { format, .. } => format!("提交的数据像是 {format},不是 ESC/POS 打印指令"),
            Self::Truncated { offset, command } => {
                format!("打印指令不完整:第 {offset} 字节处的 {command} 未结束,数据可能被截断")
            }
            Self::LeftOpen { offset, what, close } => {
                format!("第 {offset} 字节处打开的 {what} 没有结束,缺少 {close}")
            }
            Self::UnknownCommand { offset, bytes } => {
                format!("第 {offset} 字节处有无法识别的打印指令:{bytes}")
            }
            Self::Forbidden { offset, command, .. } => {
                format!("第 {offset} 字节处的指令 {command} 不允许出现在单据中,请去掉")
            }
            Self::RealTimeInData { offset, bytes } => {
                format!("第 {offset} 字节处的数据 {bytes} 会被打印机当作实时指令执行,请修改内容")
            }
            Self::JsonSyntax { line, column, truncated: true, .. } => {
                format!("JSON 单据不完整,在第 {line} 行第 {column} 列中断")
            }
            Self::JsonSyntax { line, column, .. } => format!("JSON 格式错误:第 {line} 行第 {column} 列"),
            Self::JsonShape { path, line, column, detail } => {
                format!("JSON 单据内容不符合规定:{path}(第 {line} 行第 {column} 列):{}", shape(detail))
            }
            Self::Copies { path, .. } => {
                format!("{path} 的联次设置有误:每种联次(single、merchant、customer、bank)最多出现一次")
            }
            Self::UnknownTemplate { name, there } => {
                let name = if name.is_empty() { "无效的名称" } else { name };
                let there = if there.is_empty() { "无" } else { there };
                format!("$.template 所指的模板不存在：{name}；现有模板：{there}；不用模板请写 false")
            }
            Self::TooMany { path, count, max } => format!("{path} 有 {count} 项,应为 1 至 {max} 项"),
            Self::Control { place, character } => {
                format!("{} 有不允许的控制字符 U+{:04X}", zh(place), u32::from(*character))
            }
            Self::Unprintable { place, character, reason } => {
                let why = match reason {
                    Unprintable::KanjiOff => "打印机未启用中文",
                    Unprintable::NotInFont => "打印机字库中没有此字符",
                };
                format!("{} 的字符 U+{:04X} 无法打印:{why}", zh(place), u32::from(*character))
            }
            Self::NotDrawn { place, character: Some(character), why } => {
                let why = why.message_zh();
                format!(
                    "{} 的字符 U+{:04X} 不在打印机字库中，需要绘制：{why}",
                    zh(place),
                    u32::from(*character)
                )
            }
            Self::NotDrawn { place, character: None, why } => {
                format!("{} 的内容需要绘制：{}", zh(place), why.message_zh())
            }
            Self::Field { path, detail } => format!("{path} 的内容与其他字段不符:{detail}"),
            Self::Sum { path, stated, should, how } => {
                format!("{path} 金额不符:写的是 {stated},按各项计算应为 {should}({how})")
            }
            Self::ColumnWidths { path, .. } => format!("{path} 的列宽有误:各列总宽超过纸宽,或某列过窄"),
            Self::BarcodeData { path, allowed } => format!("{path} 的条码内容无效,应为:{allowed}"),
            Self::TooWide { path, dots, paper, .. } => {
                format!("{path} 太宽:需要 {dots} 点,纸宽只有 {paper} 点")
            }
            Self::QrLength { path, bytes, max } => {
                format!("{path} 的二维码内容有 {bytes} 字节,应为 1 至 {max} 字节")
            }
            Self::Picture { path, .. } => format!("{path} 的图片无法读取,应为 base64 编码的 PNG 或 JPEG"),
            Self::PictureTooLarge { path, width, height, max } => {
                format!("{path} 的图片过大:{width} × {height} 像素,全部图片合计最多 {max} 像素")
            }
            Self::Card { place, what, shown } => {
                let place = zh(place);
                match what {
                    CardFound::Number => format!("{place}有卡号 {shown}:此打印机的规则不允许,请先屏蔽再提交"),
                    CardFound::Secret => format!("{place}有卡片安全码:不得打印或存储,请去掉"),
                    CardFound::InCode => {
                        format!("{place}的条码或二维码中有卡号 {shown}:无法屏蔽,请改用参考号")
                    }
                    CardFound::Track => format!("{place}有磁道数据(卡 {shown}):不得打印或存储,请去掉"),
                }
            }
        }
    }
}

impl Extent {
    const fn unit_zh(self) -> &'static str {
        match self {
            Self::Lines => "行",
            Self::PaperDots => "点行(每点行 1/8 毫米)",
            Self::Bytes => "字节",
        }
    }
}

fn zh(place: &Place) -> String {
    match place {
        Place::Json { path, character: Some(character) } => format!("{path} 第 {character} 个字符处"),
        Place::Json { path, character: None } => format!("{path} 处"),
        Place::Text { line, column } => format!("第 {line} 行第 {column} 列处"),
        Place::Offset(offset) => format!("打印数据第 {offset} 字节处"),
    }
}
