// The official OpenAI SDK for JavaScript against a running demo. ENDPOINT is the
// gateway's data side. Each case runs in three major versions of the SDK, as
// AzureOpenAI (deployment routes, api-key) and as OpenAI (v1 routes, Bearer).
import test from 'node:test';
import assert from 'node:assert/strict';

const endpoint = process.env.ENDPOINT ?? 'http://127.0.0.1:8080';
const apiKey = 'tg-demo-key';
const ask = (content) => ({ model: 'gpt-4o', messages: [{ role: 'user', content }] });

for (const major of [4, 6, 7]) {
  const sdk = await import(`openai-${major}`);
  const clients = {
    azure: new sdk.AzureOpenAI({ endpoint, apiKey, apiVersion: '2024-10-21', maxRetries: 0 }),
    v1: new sdk.OpenAI({ baseURL: `${endpoint}/openai/v1/`, apiKey, maxRetries: 0 }),
    plain: new sdk.OpenAI({ baseURL: `${endpoint}/v1`, apiKey, maxRetries: 0 }),
  };
  for (const [style, client] of Object.entries(clients)) {
    const name = (what) => `openai-node ${major}, ${style}: ${what}`;

    test(name('a chat is answered with its usage'), async () => {
      const res = await client.chat.completions.create(ask('Why is the sky blue? [[tokens=12]]'));
      assert.ok(res.choices[0].message.content.length > 0);
      assert.ok(res.usage.prompt_tokens > 0 && res.usage.completion_tokens > 0);
      assert.equal(res.usage.total_tokens, res.usage.prompt_tokens + res.usage.completion_tokens);
    });

    test(name('a stream brings text in pieces, and no usage chunk that was not asked for'), async () => {
      const stream = await client.chat.completions.create({ ...ask('Tell me. [[tokens=12]]'), stream: true });
      let text = '', pieces = 0, finish;
      for await (const chunk of stream) {
        assert.ok(!('usage' in chunk), 'a usage member came that nobody asked for');
        const choice = chunk.choices[0];
        if (choice?.delta?.content) { text += choice.delta.content; pieces++; }
        finish = choice?.finish_reason ?? finish;
      }
      assert.ok(pieces > 3 && text.length > 0, `${pieces} pieces`);
      assert.ok(finish === 'stop' || finish === 'length', finish);
    });

    test(name('a stream that asks for usage ends with it'), async () => {
      const stream = await client.chat.completions.create(
        { ...ask('Tell me. [[tokens=8]]'), stream: true, stream_options: { include_usage: true } });
      let usage;
      for await (const chunk of stream) usage = chunk.usage ?? usage;
      assert.ok(usage.completion_tokens > 0);
    });

    test(name('tools are called, streamed and not'), async () => {
      const tools = [{ type: 'function', function: { name: 'get_weather', description: 'Weather of a city',
        parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } } }];
      const body = { ...ask('What is the weather in Paris?'), tools, tool_choice: 'required' };
      const res = await client.chat.completions.create(body);
      assert.equal(res.choices[0].finish_reason, 'tool_calls');
      const call = res.choices[0].message.tool_calls[0].function;
      assert.equal(call.name, 'get_weather');
      assert.equal(typeof JSON.parse(call.arguments), 'object');
      let streamed = '';
      for await (const chunk of await client.chat.completions.create({ ...body, stream: true })) {
        streamed += chunk.choices[0]?.delta?.tool_calls?.[0]?.function?.arguments ?? '';
      }
      assert.equal(typeof JSON.parse(streamed), 'object');
    });

    test(name('embeddings come as numbers, though the SDK asks for base64'), async () => {
      const res = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['one', 'two'] });
      assert.equal(res.data.length, 2);
      assert.equal(res.data[0].embedding.length, 1536);
      const length = Math.hypot(...res.data[0].embedding);
      assert.ok(Math.abs(length - 1) < 0.01, `length ${length}`);
    });

    test(name('models are listed'), async () => {
      const ids = [];
      for await (const model of client.models.list()) ids.push(model.id);
      for (const id of ['gpt-4o', 'gpt-4o-mini', 'gpt-image-1', 'text-embedding-3-small', 'tts', 'whisper']) assert.ok(ids.includes(id), id);
    });

    test(name('an unknown deployment is 404 with its code'), async () => {
      const call = client.chat.completions.create({ ...ask('hi'), model: 'no-such-model' });
      await assert.rejects(call, (e) => e instanceof sdk.NotFoundError && e.status === 404 && e.code === 'DeploymentNotFound');
    });

    test(name('a wrong type is 400 and names the field'), async () => {
      const call = client.chat.completions.create({ ...ask('hi'), max_tokens: 'many' });
      await assert.rejects(call, (e) => e instanceof sdk.BadRequestError && /max_tokens/.test(e.message));
    });

    test(name('a content filter is 400 with Azure\'s code'), async () => {
      await assert.rejects(client.chat.completions.create(ask('[[filter]] hi')), (e) => e.status === 400 && e.code === 'content_filter');
    });

    test(name('a stream that breaks off upstream is an error'), async () => {
      let pieces = 0;
      await assert.rejects(async () => {
        for await (const _ of await client.chat.completions.create({ ...ask('Tell me. [[tokens=40]] [[cut=5]]'), stream: true })) pieces++;
      }, sdk.APIError);
      assert.ok(pieces > 0);
    });

    test(name('an abandoned stream ends at once'), async () => {
      const stream = await client.chat.completions.create({ ...ask('Tell me a long story. [[tokens=2000]]'), stream: true });
      const began = Date.now();
      let pieces = 0;
      for await (const _ of stream) if (++pieces === 3) { stream.controller.abort(); break; }
      assert.ok(Date.now() - began < 5000);
      assert.equal(pieces, 3);
    });
  }

  test(`openai-node ${major}: a wrong key is an AuthenticationError`, async () => {
    const client = new sdk.AzureOpenAI({ endpoint, apiKey: 'wrong-key', apiVersion: '2024-10-21', maxRetries: 0 });
    await assert.rejects(client.chat.completions.create(ask('hi')), (e) => e instanceof sdk.AuthenticationError && e.code === '401');
  });
}
