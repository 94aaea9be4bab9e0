// Calls a server with MCP's own client and prints what came back as JSON: see test_simulate_npm.py.
import {Client} from '@modelcontextprotocol/sdk/client/index.js';
import {StreamableHTTPClientTransport} from '@modelcontextprotocol/sdk/client/streamableHttp.js';

async function connect() {
  const client = new Client({name: 'throng-test', version: '1'});
  const transport = new StreamableHTTPClientTransport(new URL(`${process.argv[2]}/mcp`));
  await client.connect(transport);
  return {client, transport};
}

const {client, transport} = await connect();
const told = {};

async function call(name, args = {}) {
  const result = await client.callTool({name, arguments: args});
  return {text: result.content[0].text, failed: result.isError === true};
}

told.server = client.getServerVersion().name;
told.session = transport.sessionId;
told.revision = transport.protocolVersion;
told.tools = (await client.listTools()).tools.map((tool) => tool.name);
told.missing = await call('read_file', {path: 'new.txt'});
told.written = await call('write_file', {path: 'docs/../new.txt', content: 'two words'});
told.read = await call('read_file', {path: '/workspace/new.txt'});
told.outside = await call('read_file', {path: '../etc/passwd'});
told.status = await call('git_status');
told.log = await call('git_log', {max_count: 3});
told.page = await call('web_scrape', {url: 'https://example.test/'});

// Another session has files of its own.
const other = await connect();
told.elsewhere = (await other.client.callTool(
  {name: 'read_file', arguments: {path: 'new.txt'}})).isError === true;
await other.client.close();

try {
  await client.callTool({name: 'format_disk', arguments: {}});
} catch (error) {
  told.unknown = error.code;
}

await transport.terminateSession();
try {
  await fetch(`${process.argv[2]}/mcp`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'accept': 'application/json, text/event-stream',
      'mcp-session-id': told.session,
    },
    body: JSON.stringify({jsonrpc: '2.0', id: 1, method: 'tools/list'}),
  }).then((answer) => { told.ended = answer.status; });
} finally {
  await client.close();
}

console.log(JSON.stringify(told));
