// The frameworks through which most applications ask Azure OpenAI, against a running
// demo whose data side is ENDPOINT: LangChain, LlamaIndex and the AI SDK. Each is told
// the gateway's address and key, and nothing else about it.
import test from 'node:test';
import assert from 'node:assert/strict';
import { AzureChatOpenAI, AzureOpenAIEmbeddings, ChatOpenAI } from '@langchain/openai';
import { AzureOpenAI as LlamaAzure, AzureOpenAIEmbedding as LlamaEmbedding } from '@llamaindex/azure';
import { createAzure } from '@ai-sdk/azure';
import { embed, generateText, streamText } from 'ai';

const endpoint = process.env.ENDPOINT ?? 'http://127.0.0.1:8080';
const apiKey = 'tg-demo-key';
const apiVersion = '2024-10-21';

// Each client answers a prompt whole, { text, usage } (usage where it tells one), and in
// pieces, an iterator of text that throws when the stream does not come to its end.
function langchain(model) {
  return {
    async whole(prompt) {
      const res = await model.invoke(prompt);
      return { text: res.content, usage: res.usage_metadata.total_tokens };
    },
    async *pieces(prompt) {
      for await (const chunk of await model.stream(prompt)) if (chunk.content) yield text(chunk.content);
    },
  };
}

const text = (content) => typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');

function llamaindex(model) {
  const messages = (content) => [{ role: 'user', content }];
  return {
    async whole(prompt) {
      const res = await model.chat({ messages: messages(prompt) });
      return { text: res.message.content, usage: res.raw.usage.total_tokens };
    },
    async *pieces(prompt) {
      for await (const chunk of await model.chat({ messages: messages(prompt), stream: true })) if (chunk.delta) yield chunk.delta;
    },
  };
}

function aisdk(model) {
  return {
    async whole(prompt) {
      const res = await generateText({ model, prompt, maxRetries: 0 });
      return { text: res.text, usage: res.usage.totalTokens };
    },
    async *pieces(prompt) {
      const res = streamText({ model, prompt, maxRetries: 0, onError() {} });
      let finish;
      for await (const part of res.fullStream) {
        if (part.type === 'error') throw part.error;
        if (part.type === 'text-delta') yield part.text;
        if (part.type === 'finish') finish = part.finishReason;
      }
      if (finish === 'error' || finish === 'other' || finish === undefined) throw new Error(`finished with ${finish}`);
    },
  };
}

const azureChat = { azureOpenAIEndpoint: endpoint, azureOpenAIApiKey: apiKey, azureOpenAIApiVersion: apiVersion, maxRetries: 0 };
const azureVercel = createAzure({ baseURL: `${endpoint}/openai/v1`, apiKey });
const byDeployment = createAzure({ baseURL: `${endpoint}/openai`, apiKey, apiVersion, useDeploymentBasedUrls: true });
const clients = {
  'LangChain, AzureChatOpenAI': langchain(new AzureChatOpenAI({ ...azureChat, azureOpenAIApiDeploymentName: 'gpt-4o' })),
  'LangChain, ChatOpenAI on v1': langchain(new ChatOpenAI({ model: 'gpt-4o', apiKey, maxRetries: 0, configuration: { baseURL: `${endpoint}/openai/v1` } })),
  'LangChain, responses': langchain(new ChatOpenAI({ model: 'gpt-4o', apiKey, maxRetries: 0, useResponsesApi: true, configuration: { baseURL: `${endpoint}/openai/v1` } })),
  'LlamaIndex, AzureOpenAI': llamaindex(new LlamaAzure({ model: 'gpt-4o', deployment: 'gpt-4o', endpoint, apiKey, apiVersion, maxRetries: 0 })),
  'AI SDK, responses': aisdk(azureVercel('gpt-4o')),
  'AI SDK, chat': aisdk(azureVercel.chat('gpt-4o')),
  'AI SDK, deployment URLs': aisdk(byDeployment.chat('gpt-4o')),
};

for (const [name, client] of Object.entries(clients)) {
  test(`${name}: a chat is answered with its usage`, async () => {
    const { text: said, usage } = await client.whole('Why is the sky blue? [[tokens=12]]');
    assert.ok(text(said).length > 0);
    assert.ok(usage > 12, `usage ${usage}`);
  });

  test(`${name}: a stream brings text in pieces and ends`, async () => {
    const pieces = [];
    for await (const piece of client.pieces('Tell me. [[tokens=12]]')) pieces.push(piece);
    assert.ok(pieces.length > 3, `${pieces.length} pieces`);
  });

  test(`${name}: a stream that breaks off upstream is an error`, async () => {
    let pieces = 0;
    await assert.rejects(async () => {
      for await (const _ of client.pieces('Tell me. [[tokens=40]] [[cut=8]]')) pieces++;
    });
    assert.ok(pieces > 0, 'what came before the break is there');
  });

  test(`${name}: a refusal by the content filter is an error of status 400`, async () => {
    await assert.rejects(client.whole('[[filter]] hi'), (e) => (e.status ?? e.statusCode) === 400);
    await assert.rejects(async () => { for await (const _ of client.pieces('[[filter]] hi')); }, (e) => (e.status ?? e.statusCode) === 400);
  });
}

// Each is sent to all three resources and waits for them to rest: at once, and once.
test('a refusal by a full upstream is an error of status 429', async () => {
  await Promise.all(Object.entries(clients).map(([name, client]) =>
    assert.rejects(client.whole('[[status=429]] hi'), (e) => (e.status ?? e.statusCode) === 429, name)));
});

test('embeddings come as numbers', async () => {
  const langchain = new AzureOpenAIEmbeddings({ ...azureChat, azureOpenAIApiInstanceName: 'unused', azureOpenAIBasePath: `${endpoint}/openai/deployments`, azureOpenAIApiDeploymentName: 'text-embedding-3-small' });
  const llama = new LlamaEmbedding({ model: 'text-embedding-3-small', deployment: 'text-embedding-3-small', endpoint, apiKey, apiVersion });
  const vercel = await embed({ model: azureVercel.textEmbedding('text-embedding-3-small'), value: 'one', maxRetries: 0 });
  for (const vector of [await langchain.embedQuery('one'), await llama.getTextEmbedding('one'), vercel.embedding]) {
    assert.equal(vector.length, 1536);
    assert.ok(Math.abs(Math.hypot(...vector) - 1) < 0.01);
  }
});
