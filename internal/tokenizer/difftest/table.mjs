// The class of every code point as OpenAI's own tokenizer sees it: it is asked
// directly, with a vocabulary of the 256 bytes and a pattern that matches one class
// alone. The bits are those of ../class.go.
import { Tiktoken } from "tiktoken/lite";

const patterns = [
  "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]", // upper
  "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]", // lower
  "[^\\r\\n\\p{L}\\p{N}]", // prefix
  "[^\\s\\p{L}\\p{N}]", // other
  "\\s", // space
  "[\\r\\n]", // newline
  "\\p{N}", // number
  "\\p{L}", // letter
];

export function classes() {
  const bytes = Array.from({ length: 256 }, (_, i) => Buffer.from([i]).toString("base64"));
  const ranks = "! 0 " + bytes.join(" ");
  const table = new Uint8Array(0x110000);
  patterns.forEach((pattern, bit) => {
    const encoding = new Tiktoken(ranks, {}, pattern);
    for (let block = 0; block < table.length; block += 256) {
      if (block >= 0xd800 && block < 0xe000) continue; // surrogates are no text
      const text = String.fromCodePoint(...Array.from({ length: 256 }, (_, i) => block + i));
      const matched = Buffer.from(encoding.encode_ordinary(text)).toString("utf8");
      for (const c of matched) table[c.codePointAt(0)] |= 1 << bit;
    }
    encoding.free();
  });
  return table;
}
