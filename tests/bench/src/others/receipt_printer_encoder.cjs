// The slip of the bench, made by receipt-printer-encoder: microseconds, as one line of JSON. A median of the calls alone.

const module_ = require('@point-of-sale/receipt-printer-encoder');
const iconv = require('iconv-lite');
const Encoder = module_.default ?? module_;

const labels = ['商户编号 MERCHANT NO.', '终端号 TERMINAL NO.', '操作员 OPERATOR', '发卡行 ISSUER', '收单行 ACQUIRER',
  '卡组织 NETWORK', '卡序号 CARD SEQ.', '交易类型 TXN TYPE', '批次号 BATCH NO.', '凭证号 VOUCHER NO.', '授权码 AUTH NO.',
  '参考号 REF NO.', '时间 TIME', 'APP', 'AID', 'TC', 'TVR', 'TSI', 'ATC'];
const columns = (text) => [...text].reduce((sum, c) => sum + (c.codePointAt(0) < 0x2e80 ? 1 : 2), 0);

function slip() {
  for (const copy of ['merchant', 'customer']) {
    const encoder = new Encoder({columns: 48, newline: '\n'});
    const chinese = (text) => encoder.raw([...iconv.encode(text + '\n', 'gb18030')]);
    encoder.initialize().raw([0x1c, 0x26]).align('center').bold(true).size(2, 2);
    chinese('银联商务 签购单 ' + copy);
    encoder.align('left').bold(false).size(1, 1);
    for (const label of labels) {
      const right = '898110154110';
      chinese(label + ' '.repeat(48 - columns(label) - columns(right)) + right);
    }
    encoder.align('right').bold(true).size(2, 2).line('RMB 128.00').align('left').bold(false).size(1, 1);
    encoder.rule().qrcode('https://example.com/r/1').cut('partial');
    if (encoder.encode().length === 0) throw new Error('nothing was encoded');
  }
}

const taken = [];
for (let n = 0; n < 300; n++) {
  const begin = process.hrtime.bigint();
  slip();
  taken.push(Number(process.hrtime.bigint() - begin) / 1e3);
}
taken.sort((a, b) => a - b);
console.log(JSON.stringify({slip: taken[taken.length >> 1]}));
