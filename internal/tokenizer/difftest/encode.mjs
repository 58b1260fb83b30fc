// Encodes with OpenAI's own tokenizer what it reads on standard input. A request is
// one byte for the encoding, four (little endian) for the length of the text, and the text; its
// answer is four bytes for the number of tokens and four for each token. The text is
// decoded lossily, with U+FFFD for what is not UTF-8. The end of the input ends it.
import { get_encoding } from "tiktoken";
import { writeSync } from "node:fs";

const encodings = ["o200k_base", "cl100k_base", "p50k_base", "r50k_base"].map((name) => get_encoding(name));
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function answer(encoding, text) {
  const tokens = encodings[encoding].encode_ordinary(decoder.decode(text));
  const out = Buffer.alloc(4 + 4 * tokens.length);
  out.writeUInt32LE(tokens.length);
  tokens.forEach((token, i) => out.writeUInt32LE(token, 4 + 4 * i));
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
