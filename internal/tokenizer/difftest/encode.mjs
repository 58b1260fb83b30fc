// Answers with OpenAI's own tokenizer what it is asked on standard input. A request is
// one byte for the encoding, four (little endian) for the length of the text, and the
// text; the answer is four bytes for the number of tokens and four for each token. The
// text is decoded lossily, with U+FFFD for what is not UTF-8. Encoding 255 asks for
// the classes of all code points instead. The end of the input ends the process.
import { get_encoding } from "tiktoken";
import { writeSync } from "node:fs";
import { classes } from "./table.mjs";

const encodings = ["o200k_base", "cl100k_base", "p50k_base", "r50k_base"].map((name) => get_encoding(name));
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function answer(encoding, text) {
  const numbers = encoding === 255 ? classes() : encodings[encoding].encode_ordinary(decoder.decode(text));
  const out = Buffer.alloc(4 + 4 * numbers.length);
  out.writeUInt32LE(numbers.length);
  numbers.forEach((number, i) => out.writeUInt32LE(number, 4 + 4 * i));
  return out;
}

function write(out) {
  for (let at = 0; at < out.length; ) {
    try {
      at += writeSync(1, out, at);
    } catch (e) {
      if (e.code !== "EAGAIN") throw e;
    }
  }
}

let input = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  input = Buffer.concat([input, chunk]);
  let at = 0;
  while (input.length >= at + 5 && input.length >= at + 5 + input.readUInt32LE(at + 1)) {
    const end = at + 5 + input.readUInt32LE(at + 1);
    write(answer(input[at], input.subarray(at + 5, end)));
    at = end;
  }
  input = input.subarray(at);
}
