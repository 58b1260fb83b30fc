import { ascii, head, keyOf, keyVariable, quote, type Sample, sent, streams, tools, url } from './sample'

/** A text block: its backslashes are doubled, and three quotes in a row would end it. ASCII, since an older Java reads its source in the system's encoding. */
const block = (text: string) => `"""\n${text.replaceAll('\\', '\\\\').replace(/""(?=")/g, '""\\').replace(/^(?=.)/gm, '            ')}"""`

/** With Java's own library, which reads no JSON: the texts are picked out of it by a pattern. */
export function java(s: Sample): string {
  const form = s.path === '/audio/transcriptions'
  return `${head(s, '//', 'Needs Java 17 or later. Save it as Sample.java and run: java Sample.java')}${imports(s)}
public class Sample {
    public static void main(String[] args) throws Exception {
${form ? fields(s) : `        var body = ${block(ascii(sent(s)))};\n`}        var request = HttpRequest.newBuilder(URI.create(${quote(url(s))}))
            .header("api-key", ${keyOf(s, `System.getenv("${keyVariable}")`)})
            .header("Content-Type", ${form ? '"multipart/form-data; boundary=" + boundary' : '"application/json"'})
            .POST(HttpRequest.BodyPublishers.${form ? 'ofByteArrays(parts)' : 'ofString(body)'})
            .build();
${read(s)}    }
${s.path === '/audio/speech' ? '' : picking}}
`
}

function imports(s: Sample): string {
  const names = ['java.net.URI', 'java.net.http.HttpClient', 'java.net.http.HttpRequest', 'java.net.http.HttpResponse']
  if (s.path !== '/audio/speech') names.push('java.util.regex.Pattern')
  else names.push('java.nio.file.Path')
  if (s.path === '/images/generations') names.push('java.nio.file.Files', 'java.nio.file.Path', 'java.util.Base64')
  if (s.path === '/audio/transcriptions') names.push('java.nio.file.Files', 'java.nio.file.Path', 'java.util.ArrayList')
  return `${[...new Set(names)].sort().map((n) => `import ${n};\n`).join('')}`
}

function fields(s: Sample): string {
  const part = ([k, v]: [string, unknown]) =>
    k === 'file'
      ? `        parts.add(("--" + boundary + "\\r\\nContent-Disposition: form-data; name=\\"file\\"; filename=\\"recording" + extension + "\\"\\r\\n\\r\\n").getBytes());
        parts.add(Files.readAllBytes(file));
        parts.add("\\r\\n".getBytes());
`
      : `        parts.add(("--" + boundary + "\\r\\nContent-Disposition: form-data; name=\\"${k}\\"\\r\\n\\r\\n" + ${quote(String(v))} + "\\r\\n").getBytes());\n`
  return `        var file = Path.of(${quote(String(s.body.file))});
        var extension = file.toString().replaceFirst("^.*(?=\\\\.)", "");
        var boundary = "part-" + System.nanoTime();
        var parts = new ArrayList<byte[]>();
${Object.entries(s.body).map(part).join('')}        parts.add(("--" + boundary + "--\\r\\n").getBytes());
`
}

const refused = (text: string) => `        if (response.statusCode() != 200) {\n            throw new RuntimeException(${text});\n        }\n`

function read(s: Sample): string {
  const get = (handler: string) => `        var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.${handler});\n`
  if (s.path === '/audio/speech') return `${get('ofFile(Path.of("speech.mp3"))')}${refused('"see speech.mp3: " + response.statusCode()')}`
  const show = (from: string, print: string, pad: string) =>
    `${pad}${print}(pick("${s.path === '/completions' || s.path === '/audio/transcriptions' ? 'text' : 'content'}", ${from}));\n${tools(s) ? `${pad}System.out.print(pick("name", ${from}) + pick("arguments", ${from}));\n` : ''}`
  if (streams(s)) {
    return `${get('ofLines()')}${refused('String.join("\\n", response.body().toList())')}        response.body().filter(line -> line.startsWith("data:")).forEach(line -> {
${show('line', 'System.out.print', '            ')}            System.out.flush();
        });
`
  }
  const begin = `${get('ofString()')}${refused('response.body()')}`
  if (s.path === '/embeddings') return `${begin}        var vectors = Pattern.compile("\\"embedding\\"\\\\s*:\\\\s*\\\\[([^\\\\]]*)\\\\]").matcher(response.body());\n        while (vectors.find()) {\n            var numbers = vectors.group(1).split(",");\n            System.out.println(numbers.length + " numbers, the first " + numbers[0].strip());\n        }\n`
  if (s.path === '/images/generations') return `${begin}        var inline = pick("b64_json", response.body());\n        if (inline.isEmpty()) {\n            System.out.println(pick("url", response.body()));\n        } else {\n            Files.write(Path.of("picture-1.png"), Base64.getDecoder().decode(inline));\n        }\n`
  return `${begin}${show('response.body()', 'System.out.println', '        ')}`
}

const picking = `
    /** The first text of this name in a piece of JSON; empty when there is none. */
    static String pick(String name, String json) {
        var found = Pattern.compile("\\"" + name + "\\"\\\\s*:\\\\s*\\"((?:[^\\"\\\\\\\\]++|\\\\\\\\.)*+)\\"").matcher(json);
        if (!found.find()) {
            return "";
        }
        var escapes = Pattern.compile("\\\\\\\\(?:u([0-9a-fA-F]{4})|(.))").matcher(found.group(1));
        return escapes.replaceAll(m -> java.util.regex.Matcher.quoteReplacement(m.group(1) != null
            ? String.valueOf((char) Integer.parseInt(m.group(1), 16))
            : switch (m.group(2).charAt(0)) {
                case 'n' -> "\\n";
                case 't' -> "\\t";
                case 'r' -> "\\r";
                case 'b' -> "\\b";
                case 'f' -> "\\f";
                default -> m.group(2);
            }));
    }
`
