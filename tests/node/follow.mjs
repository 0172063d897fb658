// Follows a GraphQL operation over graphql-transport-ws and prints each result as a line of JSON, at most so many.
// node follow.mjs URL TOKEN QUERY VARIABLES MOST
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token, query, variables, most] = process.argv.slice(2);
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${token}` },
  retryAttempts: 0,
});

let seen = 0;
try {
  for await (const result of client.iterate({ query, variables: JSON.parse(variables) })) {
    console.log(JSON.stringify(result));
    seen += 1;
    if (seen >= Number(most)) break;
  }
} catch (error) {
  console.log(JSON.stringify({ closed: error.code ?? null, errors: Array.isArray(error) ? error : undefined }));
}
await client.dispose();
