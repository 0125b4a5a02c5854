/* The load: many WebSocket clients in one thread, cheap enough to measure a server that is cheap.
 *
 *   load PORT ROOMS MEMBERS WINDOW RATE SECONDS WARMUP DIALECT PATH [COOKIES ORIGIN]
 *
 * DIALECT rich: each client has a cookie of its own (a line of the file COOKIES), says hello and waits for its catch-up.
 * DIALECT plain: the Channels tutorial's, whose texts then carry the numbers that rich frames have as `id`.
 * WINDOW > 0: closed loop, that many messages in flight over all rooms; the next goes out when every copy of one is back.
 * RATE > 0: open loop, that many messages a second over all rooms, each counted from when it was due.
 * Every copy is checked: each client has to get 1, 2, 3 ... of its room, each once. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { INBOX = 1 << 16, RING = 4096 };
enum state { SHAKING, GREETING, READY };

typedef struct {
    int fd, room;
    enum state state;
    long last;              /* the number of the last message it got */
    size_t have;
    char inbox[INBOX];
} client;

typedef struct {
    long sent, last;        /* messages said, and the number the room stood at when the run began */
    double due[RING];       /* when each message in flight was due, by number */
    int left[RING];         /* copies that are not back yet */
    client *speaker;
} room;

static client *clients;
static room *rooms;
static int count, members, rich, ep, ready, window;
static long deliveries, messages, faults, skipped;
static double *latencies, measure_from;
static long latency_count, latency_room;
static uint64_t chance = 88172645463325252ULL;

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static uint64_t any(void) {
    chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
    return chance;
}

static void put(client *c, const char *data, size_t size) {
    while (size) {
        ssize_t sent = write(c->fd, data, size);
        if (sent < 0 && errno == EAGAIN) { usleep(100); continue; }
        if (sent < 0) die("write: %s", strerror(errno));
        data += sent, size -= sent;
    }
}

/* A text frame with an all-zero mask: masked as RFC 6455 asks, and as cheap to unmask as any. */
static void say(client *c, const char *text, size_t size) {
    char frame[1024];
    size_t head = 2;
    frame[0] = (char)0x81;
    if (size < 126) frame[1] = (char)(0x80 | size);
    else frame[1] = (char)(0x80 | 126), frame[2] = (char)(size >> 8), frame[3] = (char)size, head = 4;
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, size);
    put(c, frame, head + 4 + size);
}

static void speak(room *r, double due) {
    static const char body[] = "The quick brown fox jumps over the lazy dog, and then it does so again, to make a hundred bytes of it.";
    char text[512];
    long number = r->last + ++r->sent;
    struct timespec t;
    int size;
    if (r->left[number % RING]) { skipped++; r->sent--; return; }
    r->due[number % RING] = due;
    r->left[number % RING] = members;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t ms = (uint64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000, x = any();
    if (rich)
        size = snprintf(text, sizeof text,
                        "{\"type\":\"send\",\"client_id\":\"%08x-%04x-7%03x-8%03x-%012llx\",\"message\":\"%.100s\"}",
                        (unsigned)(ms >> 16), (unsigned)(ms & 0xffff), (unsigned)(x & 0xfff), (unsigned)((x >> 12) & 0xfff),
                        (unsigned long long)(x >> 16), body);
    else
        size = snprintf(text, sizeof text, "{\"message\": \"#%ld# %.*s\"}", number, 100 - snprintf(NULL, 0, "#%ld# ", number), body);
    say(r->speaker, text, size);
}

static void got_message(client *c, long number) {
    room *r = &rooms[c->room];
    if (number != c->last + 1) faults++;
    c->last = number;
    double at = now(), due = r->due[number % RING];
    int counts = due >= measure_from;
    if (counts) {
        deliveries++;
        if (latency_count < latency_room) latencies[latency_count++] = at - due;
    }
    if (--r->left[number % RING] == 0) {
        if (counts) messages++;
        if (window) speak(r, at);
    }
}

static void got_frame(client *c, const char *text, size_t size) {
    if (rich) {
        static const char message[] = "{\"type\":\"message\",\"id\":";
        if (size > sizeof message && !memcmp(text, message, sizeof message - 1)) {
            if (c->state == READY) got_message(c, atol(text + sizeof message - 1));
        } else if (c->state == GREETING && size > 14 && !memcmp(text, "{\"type\":\"sync\"", 14)) {
            const char *more = memmem(text, size, "\"more\":true", 11);
            const char *seq = memmem(text, size, "],\"seq\":", 8);
            if (!more && seq) c->last = atol(seq + 8), c->state = READY, ready++;
        } else if (size > 15 && !memcmp(text, "{\"type\":\"error\"", 15)) {
            die("the server said %.*s", (int)(size < 200 ? size : 200), text);
        }
    } else {
        const char *mark = memchr(text, '#', size);
        if (mark) got_message(c, atol(mark + 1));
    }
}

static void got_frames(client *c) {
    size_t at = 0;
    while (c->have - at >= 2) {
        const unsigned char *p = (unsigned char *)c->inbox + at;
        size_t size = p[1] & 0x7f, head = 2;
        if (size == 126) {
            if (c->have - at < 4) break;
            size = p[2] << 8 | p[3], head = 4;
        } else if (size == 127) die("a frame above 64 KiB");
        if (c->have - at < head + size) break;
        if ((p[0] & 0x0f) == 1) got_frame(c, c->inbox + at + head, size);
        else if ((p[0] & 0x0f) == 8) die("the server closed with %d", size > 1 ? p[head] << 8 | p[head + 1] : 0);
        else if ((p[0] & 0x0f) == 9) {
            char pong[6] = {(char)0x8a, (char)0x80, 0, 0, 0, 0};
            put(c, pong, 6);
        }
        at += head + size;
    }
    memmove(c->inbox, c->inbox + at, c->have -= at);
}

static void got_bytes(client *c) {
    ssize_t size = read(c->fd, c->inbox + c->have, INBOX - c->have);
    if (size <= 0) die("the server ended a connection: %s", size ? strerror(errno) : "end of file");
    c->have += size;
    if (c->state == SHAKING) {
        char *end = memmem(c->inbox, c->have, "\r\n\r\n", 4);
        if (!end) return;
        if (memcmp(c->inbox, "HTTP/1.1 101", 12)) die("no handshake: %.60s", c->inbox);
        size_t head = end + 4 - c->inbox;
        memmove(c->inbox, c->inbox + head, c->have -= head);
        if (rich) c->state = GREETING, say(c, "{\"type\":\"hello\"}", 16);
        else c->state = READY, ready++;
    }
    got_frames(c);
}

static void turn(int milliseconds) {
    struct epoll_event events[512];
    int n = epoll_wait(ep, events, 512, milliseconds);
    for (int i = 0; i < n; i++) got_bytes(events[i].data.ptr);
}

static void join(client *c, int port, const char *path, const char *cookie, const char *origin) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) die("connect: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &event);
    char head[1024];
    int size = snprintf(head, sizeof head,
                        "GET %s%d/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s"
                        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
                        "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n",
                        path, c->room, port, rich ? "Sec-WebSocket-Protocol: chat.v1\r\n" : "");
    if (cookie)
        size += snprintf(head + size, sizeof head - size, "Origin: %s\r\nCookie: csrf=%.32s; session=%s; theme=dark\r\n", origin,
                         cookie, cookie);
    size += snprintf(head + size, sizeof head - size, "\r\n");
    put(c, head, size);
}

static int by_size(const void *a, const void *b) {
    double x = *(double *)a, y = *(double *)b;
    return (x > y) - (x < y);
}

static double part(double share) { return latency_count ? latencies[(long)(share * (latency_count - 1))] * 1e3 : 0; }

int main(int argc, char **argv) {
    if (argc < 10) die("see the head of the source");
    int port = atoi(argv[1]), room_count = atoi(argv[2]);
    members = atoi(argv[3]), window = atoi(argv[4]);
    double rate = atof(argv[5]), seconds = atof(argv[6]), warmup = atof(argv[7]);
    rich = !strcmp(argv[8], "rich");
    FILE *cookies = argc > 11 ? fopen(argv[10], "r") : NULL;
    count = room_count * members;
    clients = calloc(count, sizeof *clients), rooms = calloc(room_count, sizeof *rooms);
    latency_room = 20000000, latencies = malloc(latency_room * sizeof *latencies);
    ep = epoll_create1(0);

    double begun = now();
    for (int i = 0; i < count; i++) {
        char line[256], *cookie = cookies ? fgets(line, sizeof line, cookies) : NULL;
        if (cookie) cookie[strcspn(cookie, "\n")] = 0;
        clients[i].room = i % room_count;
        join(&clients[i], port, argv[9], cookie, argc > 11 ? argv[11] : NULL);
        while (i + 1 - ready > 32) turn(1000);
    }
    while (ready < count) turn(1000);
    double joined = now() - begun;
    for (int i = 0; i < count; i++) {
        room *r = &rooms[clients[i].room];
        if (!r->speaker) r->speaker = &clients[i], r->last = clients[i].last;
    }
    printf("joined %.3f\n", joined);
    fflush(stdout);
    if (getchar() == EOF) die("nobody said go");

    /* Who joined early hears no one: all rooms were silent. The run. */
    double start = now(), end = start + warmup + seconds, next = start;
    measure_from = start + warmup;
    for (int i = 0; i < window; i++) speak(&rooms[i % room_count], now());
    long turn_of = 0;
    while (now() < end) {
        if (rate > 0) {
            for (; next <= now(); next += 1 / rate) speak(&rooms[turn_of++ % room_count], next);
            double wait = (next - now()) * 1e3;
            turn(wait > 1 ? (int)wait : 0);
        } else {
            turn(100);
        }
    }
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    printf("measured\n");
    fflush(stdout);
    if (getchar() == EOF) die("nobody said go on");

    /* Let what is in flight come in, so that nothing can be lost unseen. */
    window = 0, measure_from = 1e18;
    double patience = now() + 10;
    long missing = 1;
    while (missing && now() < patience) {
        turn(20);
        missing = 0;
        for (int i = 0; i < count; i++) {
            room *r = &rooms[clients[i].room];
            missing += r->last + r->sent - clients[i].last;
        }
    }
    qsort(latencies, latency_count, sizeof *latencies, by_size);
    printf("{\"messages\":%ld,\"deliveries\":%ld,\"seconds\":%.3f,\"faults\":%ld,\"missing\":%ld,\"skipped\":%ld,"
           "\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"load_cpu\":%.3f}\n",
           messages, deliveries, seconds, faults, missing, skipped, part(.5), part(.95), part(.99),
           used.ru_utime.tv_sec + used.ru_utime.tv_usec * 1e-6 + used.ru_stime.tv_sec + used.ru_stime.tv_usec * 1e-6);
    return 0;
}
