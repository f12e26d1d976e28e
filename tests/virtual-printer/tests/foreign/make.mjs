// Documents of receipt-printer-encoder 4.0.1 and of receiptline 4.0.4, and what each intends: see make.py for
// the form. For tests/foreign.rs; CI does not run this.
//
//     mkdir /tmp/n && cd /tmp/n && npm install @point-of-sale/receipt-printer-encoder@4.0.1 receiptline@4.0.4
//     NODE_PATH=/tmp/n/node_modules node tests/virtual-printer/tests/foreign/make.mjs

import {createRequire} from 'node:module';
import {readFileSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const require = createRequire(join(process.env.NODE_PATH, 'x.js'));
const Encoder = require('@point-of-sale/receipt-printer-encoder');
const receiptline = require('receiptline');
const {PNG} = require('pngjs');
for (const [name, version] of [['@point-of-sale/receipt-printer-encoder', '4.0.1'], ['receiptline', '4.0.4']]) {
  const found = JSON.parse(readFileSync(join(process.env.NODE_PATH, name, 'package.json'))).version;
  if (found !== version) throw new Error(`${name} is pinned to ${version}, not ${found}`);
}
const here = dirname(fileURLToPath(import.meta.url));

// Dots by the rule of make.py.
function picture(width, height) {
  const data = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if ((x * x + 3 * y * y + x * y) % 7 < 3) data.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return {data, width, height};
}

function write(name, bytes, meant) {
  const all = {text: [], styles: [], codes: [], pictures: [], cuts: [], drawer: [], ...meant};
  writeFileSync(join(here, `${name}.bin`), bytes);
  writeFileSync(join(here, `${name}.json`), JSON.stringify(all, null, 1) + '\n');
}

const encoder = (options) => new (Encoder.default ?? Encoder)({columns: 48, newline: '\n', ...options});
const gb = (text) => Buffer.from(require('iconv-lite').encode(text, 'gb18030'));

write('rpe-styles', encoder().initialize()
    .line('plain')
    .bold(true).line('bold').bold(false)
    .underline(true).line('underlined').underline(false)
    .invert(true).line('white on black').invert(false)
    .width(2).line('wide').width(1)
    .height(2).line('high').height(1)
    .size(3, 4).line('3x4').size(1, 1)
    .font('B').line('font b').font('A')
    .text('two ').bold(true).text('in a ').bold(false).text('line').newline()
    .encode(), {
  text: ['plain', 'bold', 'underlined', 'white on black', 'wide', 'high', '3x4', 'font b', 'two in a line'],
  styles: [{text: 'plain'}, {text: 'bold', bold: true}, {text: 'underlined', underline: 1},
    {text: 'white on black', reverse: true}, {text: 'wide', width: 2}, {text: 'high', height: 2},
    {text: '3x4', width: 3, height: 4}, {text: 'font b', font: 'B'}, {text: 'in a', bold: true}],
});

write('rpe-layout', encoder().initialize()
    .align('center').line('centre').align('right').line('right').align('left')
    .line('A line that is longer than the paper is broken between its words by the encoder')
    .rule({style: 'single'})
    .table([{width: 30, align: 'left'}, {width: 18, align: 'right'}],
        [['Espresso', '2.50'], ['Cake', '12.00'], [(e) => e.bold(true).text('Total').bold(false), '14.50']])
    .box({width: 20, align: 'center', outline: 'double'}, 'in a box')
    .newline(4).cut('partial')
    .encode(), {
  text: ['centre', 'right', 'A line that is longer than the paper is broken', 'between its words by the encoder',
    '─'.repeat(48), 'Espresso' + ' '.repeat(36) + '2.50', 'Cake' + ' '.repeat(39) + '12.00',
    'Total' + ' '.repeat(38) + '14.50', '╔' + '═'.repeat(18) + '╗', '║     in a box     ║',
    '╚' + '═'.repeat(18) + '╝'],
  styles: [{text: 'Total', bold: true}],
  cuts: ['partial'],
});

write('rpe-codepages', encoder({codepageMapping: 'epson', codepageCandidates: ['cp437', 'cp858', 'cp852', 'cp866',
  'windows1252']}).initialize().codepage('auto')
    .line('Crème brûlée à 5 €').line('Łódź: żółć').line('Цена 100').line('½ ±1° ²')
    .cut().encode(), {
  text: ['Crème brûlée à 5 €', 'Łódź: żółć', 'Цена 100', '½ ±1° ²'],
  cuts: ['full'],
});

write('rpe-qr', encoder().initialize().align('center')
    .qrcode('https://example.com/r?j=2', {model: 2, size: 4, errorlevel: 'l'}).newline(3)
    .qrcode('LEVEL M', {model: 2, size: 6, errorlevel: 'm'}).newline(3)
    .qrcode('level q', {model: 2, size: 8, errorlevel: 'q'}).newline(3)
    .qrcode('1234567890'.repeat(12), {model: 2, size: 3, errorlevel: 'h'}).newline(4)
    .cut().encode(), {
  codes: [['QR-Code', 'https://example.com/r?j=2'], ['QR-Code', 'LEVEL M'], ['QR-Code', 'level q'],
    ['QR-Code', '1234567890'.repeat(12)]],
  cuts: ['full'],
});

write('rpe-barcodes', encoder().initialize().align('center')
    .barcode('4006381333931', 'ean13', {height: 60, text: 'below'}).newline(2)
    .barcode('96385074', 'ean8', {height: 60, text: 'above'}).newline(2)
    .barcode('036000291452', 'upca', {height: 60}).newline(2)
    .barcode('CODE39', 'code39', {height: 60, width: 1}).newline(2)
    .barcode('12345678', 'itf', {height: 60, width: 1}).newline(2)
    .barcode('A12345B', 'codabar', {height: 60, width: 1}).newline(2)
    .barcode('CODE93', 'code93', {height: 60, width: 1}).newline(2)
    .barcode('Job-00000842', 'code128', {height: 60, width: 1, text: 'both'}).newline(4)
    .cut().encode(), {
  text: ['4006381333931', '96385074', 'Job-00000842', 'Job-00000842'],
  codes: [['EAN-13', '4006381333931'], ['EAN-8', '96385074'], ['EAN-13', '0036000291452'], ['CODE-39', 'CODE39'],
    ['I2/5', '12345678'], ['Codabar', 'A12345B'], ['CODE-93', 'CODE93'], ['CODE-128', 'Job-00000842']],
  cuts: ['full'],
});

write('rpe-pictures', encoder().initialize()
    .line('columns').image(picture(64, 48), 64, 48, 'threshold')
    .line('raster').align('center').image(picture(40, 300), {width: 40, height: 300, mode: 'raster'}).align('left')
    .line('end').newline(4).cut().encode(), {
  text: ['columns', 'raster', 'end'],
  pictures: [{size: [64, 48], x: 0}, {size: [40, 300], x: (576 - 40) / 2}],
  cuts: ['full'],
});

// The encoder knows no double-byte text: the bytes are given to it.
write('rpe-chinese-drawer', encoder().initialize()
    .raw([0x1c, 0x26, ...gb('收银小票\n合计: 12.50元\n'), 0x1c, 0x2e])
    .line('Thank you')
    .pulse(0, 100, 500).pulse(1, 120, 240)
    .cut('partial').encode(), {
  text: ['收银小票', '合计: 12.50元', 'Thank you'],
  cuts: ['partial'],
  drawer: [0, 1],
});

const png = new PNG({width: 64, height: 48});
png.data = Buffer.from(picture(64, 48).data);
const image = PNG.sync.write(png).toString('base64');
const line = (doc, options) => Buffer.from(receiptline.transform(doc,
    {cpl: 48, encoding: 'multilingual', gradient: false, threshold: 128, gamma: 1, command: 'escpos', ...options}), 'binary');

write('line-shop', line(`^^^RECEIPT

_underlined_ and "bold" and \`inverted\`
{width:*,10}
Coffee | 2.50
Crème brûlée | 5.00
{width:auto}
^TOTAL | ^7.50
{code:2012345678903;option:ean,3,72,hri}
`), {
  text: ['RECEIPT', 'underlined and bold and inverted', 'Coffee' + ' '.repeat(38) + '2.50',
    'Crème brûlée' + ' '.repeat(32) + '5.00',
    'TOTAL' + ' '.repeat(35) + '7.50', '2012345678903'],
  styles: [{text: 'underlined', underline: 2}, {text: 'bold', bold: true}, {text: 'inverted', reverse: true}],
  codes: [['EAN-13', '2012345678903']],
  cuts: ['partial'],
});

write('line-chinese', line(`^^^银联小票

品名 | 金额
牛肉面 | 25.00元
{code:https://example.com/r?j=3;option:qrcode,5,M}
{code:Job-00000842;option:code128,2,72,hri}
`, {encoding: 'gb18030'}), {
  text: ['银联小票', '品名' + ' '.repeat(40) + '金额', '牛肉面' + ' '.repeat(35) + '25.00元', 'Job-00000842'],
  codes: [['QR-Code', 'https://example.com/r?j=3'], ['CODE-128', 'Job-00000842']],
  cuts: ['partial'],
});

write('line-picture', line(`before
{image:${image}}
after
`), {
  text: ['before', 'after'],
  pictures: [{size: [64, 48], x: (576 - 64) / 2}],
  cuts: ['partial'],
});
