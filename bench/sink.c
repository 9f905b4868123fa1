/* A UKG Pro that only listens: it reads every request as the contract asks, answers it, remembers nothing, counts.

   One thread a connection, HTTP/1.1 with keep-alive, loopback only. Every benchmarked program posts to the same one,
   so that what it costs is the same for all; it says itself how much CPU that was.

   sink [--port N] [--environment NAME]   prints "port N" when it listens

   POST /oauth/token, GET /api/v1/tenant/info, GET and POST under /api/v1/workforce/planning: as contract/openapi.yaml
   says; every record is "created". Beside them, for the benchmark alone:
   GET /_counters                         what came since the last reset, and the CPU seconds since the start
   POST /_reset?latency_ms=N&org_units=M  counts from 0 again, lets every delivery wait N ms for its answer, and
                                          knows M org units, the ones that bench/rows.py writes */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define TENANT "0b9a7c52-6d0e-4a3e-9f6b-2f1c8f4be101"
#define LARGEST_BODY (64u << 20)
#define LARGEST_HEAD (64u << 10)

static const char *environment = "production";
static atomic_ulong requests, records, bytes, connections;
static atomic_uint latency_ms, org_units = 1100;

struct text { /* bytes that grow */
    char *at;
    size_t length, room;
};

struct span { /* a part of somebody else's bytes */
    const char *at;
    size_t length;
};

struct request {
    struct span method, path, query, tenant, correlation, body;
    int authorized, keep_alive;
};

static void reserve(struct text *text, size_t more) {
    if (text->length + more <= text->room) return;
    text->room = (text->length + more) * 2;
    text->at = realloc(text->at, text->room);
    if (!text->at) abort();
}

static void add(struct text *text, const char *at, size_t length) {
    reserve(text, length);
    memcpy(text->at + text->length, at, length);
    text->length += length;
}

__attribute__((format(printf, 2, 3))) static void say(struct text *text, const char *format, ...) {
    va_list arguments;
    reserve(text, 4096);
    va_start(arguments, format);
    int length = vsnprintf(text->at + text->length, 4096, format, arguments);
    va_end(arguments);
    text->length += length < 4096 ? (size_t)length : 4095;
}

static int is(struct span span, const char *word) {
    return span.length == strlen(word) && memcmp(span.at, word, span.length) == 0;
}

/* ---- records ---------------------------------------------------------------------------------------------------- */

static const char *skip_blanks(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) at++;
    return at;
}

/* The closing quote of a JSON string whose first character is *at*. */
static const char *string_end(const char *at, const char *end) {
    for (const char *from = at; (at = memchr(from, '"', end - from)); from = at + 1) {
        int backslashes = 0;
        while (at - backslashes > from && at[-1 - backslashes] == '\\') backslashes++;
        if (backslashes % 2 == 0) return at;
    }
    return NULL;
}

static void add_result(struct text *out, size_t number, struct span reference) {
    if (number) add(out, ",", 1);
    if (reference.at) {
        add(out, "{\"client_ref\":\"", 15);
        add(out, reference.at, reference.length);
        add(out, "\",\"status\":\"created\"}", 21);
    } else {
        add(out, "{\"status\":\"created\"}", 20);
    }
}

/* Read {"records": [{...}, ...]} and write one result for each record; return their number, -1 for another body. */
static long answer_records(struct span body, struct text *out) {
    const char *end = body.at + body.length, *at = skip_blanks(body.at, end);
    struct span reference = {0};
    long count = 0, depth = 0, named = 0;
    if (at == end || *at != '{') return -1;
    at = skip_blanks(at + 1, end);
    if (end - at < 9 || memcmp(at, "\"records\"", 9) != 0) return -1;
    for (at = skip_blanks(at + 9, end), depth = 1; at < end; at++) {
        if (*at == '"') {
            const char *close = string_end(at + 1, end);
            if (!close) return -1;
            size_t length = close - at - 1;
            if (named) {
                reference = (struct span){at + 1, length};
                named = 0;
            } else if (depth == 3 && length == 10 && memcmp(at + 1, "client_ref", 10) == 0) {
                const char *next = skip_blanks(close + 1, end);
                named = next < end && *next == ':';
            }
            at = close;
        } else if (*at == '{' || *at == '[') {
            depth++;
        } else if (*at == '}' || *at == ']') {
            if (depth-- == 3 && *at == '}') {
                add_result(out, count++, reference);
                reference = (struct span){0};
            }
        }
    }
    return depth == 0 ? count : -1;
}

/* ---- answers ---------------------------------------------------------------------------------------------------- */

static void add_echo(struct text *out, struct span tenant) {
    if (tenant.at)
        say(out, "\"echo\":{\"tenant_id\":\"%.*s\",\"environment\":\"%s\"}", (int)tenant.length, tenant.at, environment);
    else
        say(out, "\"echo\":{\"tenant_id\":null,\"environment\":\"%s\"}", environment);
}

static int write_headcount(struct request *request, struct text *out) {
    say(out, "{\"results\":[");
    long count = answer_records(request->body, out);
    if (count < 0) {
        out->length = 0;
        say(out, "{\"error\":\"invalid_request\",\"message\":\"the body is not {\\\"records\\\": [...]}\"}");
        return 400;
    }
    say(out, "],");
    add_echo(out, request->tenant);
    say(out, "}");
    atomic_fetch_add(&requests, 1);
    atomic_fetch_add(&records, count);
    atomic_fetch_add(&bytes, request->body.length);
    if (latency_ms) usleep(latency_ms * 1000);
    return 200;
}

static void add_base64url(struct text *out, const char *at, size_t length) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < length; i += 3) {
        unsigned bits = (unsigned char)at[i] << 16;
        if (i + 1 < length) bits |= (unsigned char)at[i + 1] << 8;
        if (i + 2 < length) bits |= (unsigned char)at[i + 2];
        for (size_t j = 0; j < 4 && i + j <= length; j++) add(out, &digits[bits >> (18 - 6 * j) & 63], 1);
    }
}

/* The value of a parameter of a form, with + as a blank; what else is escaped stays so: nothing here needs it. */
static void form_value(struct span form, const char *name, char *value, size_t room) {
    size_t length = strlen(name), used = 0;
    const char *end = form.at + form.length;
    for (const char *at = form.at; at && at + length < end; at = memchr(at, '&', end - at), at += at != NULL) {
        if (memcmp(at, name, length) != 0 || at[length] != '=') continue;
        for (at += length + 1; at < end && *at != '&' && used + 1 < room; at++) value[used++] = *at == '+' ? ' ' : *at;
        break;
    }
    value[used] = 0;
}

/* A token as one would be that nobody signed: whoever reads its claims finds what was asked for. */
static int issue_token(struct request *request, struct text *out) {
    char scope[512], tenant[64], claims[1024];
    static const char head[] = "{\"alg\":\"ES256\",\"typ\":\"at+jwt\"}";
    form_value(request->body, "scope", scope, sizeof scope);
    form_value(request->body, "tenant_context", tenant, sizeof tenant);
    int length = snprintf(claims, sizeof claims,
                          "{\"iss\":\"sink\",\"aud\":\"ukg\",\"scope\":\"%s\",\"environment\":\"%s\",\"tenant_id\":\"%s\"}",
                          scope, environment, tenant);
    say(out, "{\"access_token\":\"");
    add_base64url(out, head, sizeof head - 1);
    add(out, ".", 1);
    add_base64url(out, claims, length);
    say(out, ".c2lnbmF0dXJl\",\"token_type\":\"Bearer\",\"expires_in\":1800,\"scope\":\"%s\"}", scope);
    return 200;
}

/* One of the metadata's lists: the codes that bench/rows.py writes, numbered from 0. */
static void add_codes(struct text *out, const char *list, const char *prefix, int width, unsigned count) {
    say(out, ",\"%s\":[", list);
    for (unsigned i = 0; i < count; i++)
        say(out, "%s{\"code\":\"%s%0*u\",\"name\":\"No. %u\",\"active\":true}", i ? "," : "", prefix, width, i, i);
    say(out, "]");
}

static int describe_planning(struct request *request, struct text *out) {
    say(out, "{");
    add_echo(out, request->tenant);
    say(out, ",\"scenarios\":[{\"code\":\"budget\",\"name\":\"Budget\",\"versions\":[\"v1\"],\"read_only\":false}],"
             "\"periods\":{\"type\":\"month\",\"open_from\":\"2000-01-01\",\"open_to\":\"2099-12-01\"},"
             "\"limits\":{\"records\":1000,\"bytes\":67108864,\"requests_per_minute\":100000000,\"page\":1000}");
    add_codes(out, "org_units", "", 5, org_units);
    add_codes(out, "cost_centers", "CC", 5, org_units);
    add_codes(out, "locations", "L", 2, 60);
    add_codes(out, "jobs", "J", 3, 40);
    say(out, "}");
    return 200;
}

static int tell_counters(struct text *out) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    say(out, "{\"requests\":%lu,\"records\":%lu,\"bytes\":%lu,\"connections\":%lu,\"cpu_seconds\":%.6f}", requests,
        records, bytes, connections, cpu);
    return 200;
}

static int reset(struct request *request, struct text *out) {
    char wanted[16];
    requests = records = bytes = connections = 0;
    form_value(request->query, "latency_ms", wanted, sizeof wanted);
    latency_ms = atoi(wanted);
    form_value(request->query, "org_units", wanted, sizeof wanted);
    if (*wanted) org_units = atoi(wanted);
    return tell_counters(out);
}

static int answer(struct request *request, struct text *out) {
    int post = is(request->method, "POST");
    if (is(request->path, "/_counters")) return tell_counters(out);
    if (is(request->path, "/_reset") && post) return reset(request, out);
    if (is(request->path, "/oauth/token") && post) return issue_token(request, out);
    if (!request->authorized) {
        say(out, "{\"error\":\"insufficient_permissions\"}");
        return 401;
    }
    if (is(request->path, "/api/v1/workforce/planning/headcount") && post) return write_headcount(request, out);
    if (is(request->path, "/api/v1/workforce/planning/metadata")) return describe_planning(request, out);
    if (is(request->path, "/api/v1/tenant/info")) {
        say(out, "{\"tenant_id\":\"" TENANT "\",\"name\":\"Acme\",\"environment\":\"%s\",\"release\":\"2022.2\","
                 "\"modules\":[\"workforce-planning\"]}", environment);
        return 200;
    }
    say(out, "{\"error\":\"not_found\",\"message\":\"there is no such route\"}");
    return 404;
}

/* ---- HTTP ------------------------------------------------------------------------------------------------------- */

static struct span word(const char **at, const char *end, const char *stops) {
    struct span span = {*at, 0};
    while (*at < end && !strchr(stops, **at)) (*at)++;
    span.length = *at - span.at;
    return span;
}

/* Read the head; return the length of the body, or -1 when it cannot be told. */
static long read_head(const char *at, const char *end, struct request *request) {
    long length = 0;
    *request = (struct request){.keep_alive = 1};
    request->method = word(&at, end, " \r");
    at++;
    request->path = word(&at, end, " ?\r");
    if (at < end && *at == '?') at++, request->query = word(&at, end, " \r");
    while (at < end && (at = memchr(at, '\n', end - at))) {
        at++;
        struct span name = word(&at, end, ":\r");
        at = skip_blanks(at + 1, end);
        const char *from = at;
        struct span value = word(&at, end, "\r");
        if (name.length == 14 && !strncasecmp(name.at, "content-length", 14)) length = atol(from);
        if (name.length == 17 && !strncasecmp(name.at, "transfer-encoding", 17)) length = -1;
        if (name.length == 10 && !strncasecmp(name.at, "connection", 10)) {
            request->keep_alive = strncasecmp(from, "close", 5) != 0;
        }
        if (name.length == 13 && !strncasecmp(name.at, "authorization", 13)) request->authorized = 1;
        if (name.length == 11 && !strncasecmp(name.at, "x-tenant-id", 11)) request->tenant = value;
        if (name.length == 16 && !strncasecmp(name.at, "x-correlation-id", 16)) request->correlation = value;
    }
    return length > (long)LARGEST_BODY ? -1 : length;
}

static int send_all(int socket, struct iovec *parts, int count) {
    while (count) {
        ssize_t sent = writev(socket, parts, count);
        if (sent < 0) return -1;
        for (; count && (size_t)sent >= parts->iov_len; parts++, count--) sent -= parts->iov_len;
        if (count) parts->iov_base = (char *)parts->iov_base + sent, parts->iov_len -= sent;
    }
    return 0;
}

static int respond(int socket, struct request *request, int status, struct text *body) {
    char head[512];
    struct span name = request->correlation.at ? request->correlation : (struct span){"none", 4};
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                          "X-Correlation-ID: %.*s\r\n\r\n",
                          status, status == 200 ? "OK" : "Refused", body->length, (int)name.length, name.at);
    struct iovec parts[] = {{head, length}, {body->at, body->length}};
    return send_all(socket, parts, 2);
}

/* Fill the buffer until it holds *length* bytes; return whether that came to be. */
static int fill(int socket, struct text *in, size_t length) {
    reserve(in, length > in->length ? length - in->length : 0);
    while (in->length < length) {
        ssize_t got = recv(socket, in->at + in->length, in->room - in->length, 0);
        if (got <= 0) return 0;
        in->length += got;
    }
    return 1;
}

/* Serve one request; return whether another one may follow. */
static int serve(int socket, struct text *in, struct text *out) {
    struct request request;
    char *blank;
    while (!(blank = in->length ? memmem(in->at, in->length, "\r\n\r\n", 4) : NULL)) {
        if (in->length > LARGEST_HEAD || !fill(socket, in, in->length + 1)) return 0;
    }
    size_t head = blank + 4 - in->at;
    long length = read_head(in->at, in->at + head - 2, &request);
    if (length < 0 || !fill(socket, in, head + length)) return 0;
    read_head(in->at, in->at + head - 2, &request); /* the buffer may have moved */
    request.body = (struct span){in->at + head, length};
    out->length = 0;
    int status = answer(&request, out);
    if (respond(socket, &request, status, out) < 0) return 0;
    memmove(in->at, in->at + head + length, in->length - head - length);
    in->length -= head + length;
    return request.keep_alive;
}

static void *converse(void *argument) {
    int socket = (int)(long)argument, on = 1;
    struct text in = {0}, out = {0};
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    reserve(&in, 1 << 19);
    while (serve(socket, &in, &out)) {}
    close(socket);
    free(in.at);
    free(out.at);
    return NULL;
}

int main(int count, char **arguments) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    for (int i = 1; i + 1 < count; i += 2) {
        if (!strcmp(arguments[i], "--port")) address.sin_port = htons(atoi(arguments[i + 1]));
        if (!strcmp(arguments[i], "--environment")) environment = arguments[i + 1];
    }
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* a sink whose benchmark has died has nobody to listen to */
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 128)) {
        perror("sink");
        return 1;
    }
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int socket = accept(listener, NULL, NULL);
        if (socket < 0) continue;
        atomic_fetch_add(&connections, 1);
        if (pthread_create(&thread, NULL, converse, (void *)(long)socket)) close(socket);
        else pthread_detach(thread);
    }
}
