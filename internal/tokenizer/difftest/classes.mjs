// Writes ../data/classes.bin: the class of every code point, as OpenAI's own
// tokenizer sees it. It is asked directly, with a vocabulary of the 256 bytes and a
// pattern that matches one class alone, so that the table has exactly the Unicode
// version of the reference. Run `npm ci && node classes.mjs` here.
//
// The file is a two-stage table: 4352 bytes give the block of each 256 code points,
// then follow the blocks, one byte per code point. The bits are those of class.go.
import { Tiktoken } from "tiktoken/lite";
import { writeFileSync } from "node:fs";

const UPPER = 1, LOWER = 2, PREFIX = 4, OTHER = 8, SPACE = 16, NEWLINE = 32, NUMBER = 64, LETTER = 128;
const patterns = [
  [UPPER, "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"],
  [LOWER, "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"],
  [PREFIX, "[^\\r\\n\\p{L}\\p{N}]"],
  [OTHER, "[^\\s\\p{L}\\p{N}]"],
  [SPACE, "\\s"],
  [NEWLINE, "[\\r\\n]"],
  [NUMBER, "\\p{N}"],
  [LETTER, "\\p{L}"],
];
const bytes = Array.from({ length: 256 }, (_, i) => Buffer.from([i]).toString("base64"));
const ranks = "! 0 " + bytes.join(" ");

const classes = new Uint8Array(0x110000);
for (const [bit, pattern] of patterns) {
  const encoding = new Tiktoken(ranks, {}, pattern);
  for (let block = 0; block < 0x110000; block += 256) {
    if (block >= 0xd800 && block < 0xe000) continue; // surrogates are no text
    const text = String.fromCodePoint(...Array.from({ length: 256 }, (_, i) => block + i));
    const matched = Buffer.from(encoding.encode_ordinary(text)).toString("utf8");
    for (const c of matched) classes[c.codePointAt(0)] |= bit;
  }
  encoding.free();
}

const index = Buffer.alloc(0x110000 / 256);
const blocks = [], seen = new Map();
for (let i = 0; i < index.length; i++) {
  const block = Buffer.from(classes.subarray(i * 256, i * 256 + 256));
  const key = block.toString("latin1");
  if (!seen.has(key)) {
    seen.set(key, blocks.length);
    blocks.push(block);
  }
  index[i] = seen.get(key);
}
if (blocks.length > 256) throw new Error(`${blocks.length} blocks do not fit a byte`);
writeFileSync(new URL("../data/classes.bin", import.meta.url), Buffer.concat([index, ...blocks]));
console.log(`${blocks.length} blocks`);
