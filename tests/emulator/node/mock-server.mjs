// An OAuth server that nobody here wrote, and that is no UKG: it prints its address, and answers until it is killed.
import { OAuth2Server } from "oauth2-mock-server";

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
await server.start(0, "127.0.0.1");
console.log(server.issuer.url);
