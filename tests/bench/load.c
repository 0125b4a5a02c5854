/* The load: many WebSocket clients in one thread, cheap enough to measure a server that is cheap.
 *
 * --ports 1,2       a process of the server each; the members of every room are spread over them
 * --rooms N --members N --path /ws/chat/b
 * --dialect rich    each client has a session of its own (a line of the file --cookies), says hello and waits for its
 *                   catch-up
 * --dialect plain   the Channels tutorial's, whose texts then carry the numbers that rich frames have as `id`
 * --window N        closed loop, that many messages in flight over all rooms; the next goes out when every copy of one
 *                   is back
 * --rate R          open loop, that many messages a second over all rooms, each counted from when it was due
 * --all-speak       in each room one member on every process speaks in turn, instead of one alone; so numbers are given on
 *                   all of them at the same time
 * --seconds S --warmup S
 * --return          instead of talking: all connections are dropped, and then all come back at once with their `since`
 *
 * Every copy is checked: each client has to get 1, 2, 3 ... of its room, each once, and each message its ack. It says on
 * stdout where it is and last a line of JSON; where its starter has to look at something first, it waits for a line.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <netinet/tcp.h>
#include <poll.h>
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

enum { READ = 1 << 18, CUT = 1 << 19, TICKS = 1 << 22, AT_ONCE = 32, MOST_PORTS = 8 };
static const double TICK = 1e-5, PATIENCE = 10, RETURN_PATIENCE = 30;

enum state { CONNECTING, SHAKING, GREETING, READY, LOST };

typedef struct {
    int fd, room, number;
    enum state state;
    long last;              /* the number of the last message it got */
    char *cut;              /* the beginning of a frame whose end has not come yet */
    size_t cut_size;
} client;

typedef struct {
    long sent, last;        /* messages said, and the number the room stood at when the run began */
    double *due;            /* when each message in flight was due, by number */
    int *left;              /* copies that are not back yet */
    char epoch[32];
} room;

static struct {
    int ports[MOST_PORTS], processes, rooms, members, window, rich, all_speak, returns;
    double rate, seconds, warmup;
    const char *path, *cookies;
} asked;

static client *clients;
static room *rooms;
static char (*keys)[64];
static int count, ring, ep, ready, returning, refused;
static char first_refusal[200];
static long deliveries, messages, acks, faults, skipped;
static double moment, counts_from = 1e18, counts_until = 1e18; /* of `moment`: when what was read last was read */
static uint32_t took[TICKS];
static uint64_t chance = 88172645463325252ULL;
static char bytes[CUT + READ];

static void die(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

/* A connection that the server did not let live: the end of a run, but a figure for those who come back. */
static void lost(client *c, const char *format, ...) {
    va_list arguments;
    char reason[200];
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    if (!returning) die("%s", reason);
    for (char *quote; (quote = strchr(reason, '"'));) *quote = '\'';
    if (!refused++) strcpy(first_refusal, reason);
    close(c->fd);
    c->state = LOST;
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

static uint64_t any(void) {
    chance ^= chance << 13, chance ^= chance >> 7, chance ^= chance << 17;
    return chance;
}

static void keep_time(double seconds) {
    long tick = seconds / TICK;
    took[tick < 0 ? 0 : tick < TICKS ? tick : TICKS - 1]++;
}

/* Milliseconds that this share of all took at most. */
static double part(double share) {
    uint64_t all = 0, sum = 0;
    for (long i = 0; i < TICKS; i++) all += took[i];
    for (long i = 0; i < TICKS && all; i++)
        if ((sum += took[i]) >= share * all) return (i + 1) * TICK * 1e3;
    return 0;
}

static void tell(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    putchar('\n');
    fflush(stdout);
}

static void await_line(void) {
    for (int c; (c = getchar()) != '\n';)
        if (c == EOF) die("the starter is gone");
}

/* What goes out */

static void put(client *c, const char *data, size_t size) {
    while (size) {
        ssize_t sent = write(c->fd, data, size);
        if (sent < 0 && errno == EAGAIN) { usleep(100); continue; }
        if (sent < 0) { lost(c, "write: %s", strerror(errno)); return; }
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

static void hello(client *c) {
    char text[128];
    int size = returning ? snprintf(text, sizeof text, "{\"type\":\"hello\",\"since\":%ld,\"epoch\":\"%s\"}", c->last,
                                    rooms[c->room].epoch)
                         : snprintf(text, sizeof text, "{\"type\":\"hello\"}");
    say(c, text, size);
}

/* The next message of a room. Who speaks in it is a member on another process than in the room before. */
static void speak(room *r, double due) {
    static const char body[] = "The quick brown fox jumps over the lazy dog, and then it does so again, to make a hundred bytes of it.";
    char text[512];
    long number = r->last + r->sent + 1, index = r - rooms;
    client *speaker = &clients[(index + (asked.all_speak ? number : 0)) % asked.processes * asked.rooms + index];
    struct timespec t;
    int size;
    if (r->left[number % ring]) { skipped++; return; }
    r->sent++;
    r->due[number % ring] = due;
    r->left[number % ring] = asked.members;
    clock_gettime(CLOCK_REALTIME, &t);
    uint64_t ms = (uint64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000, x = any();
    if (asked.rich)
        size = snprintf(text, sizeof text,
                        "{\"type\":\"send\",\"client_id\":\"%08x-%04x-7%03x-8%03x-%012llx\",\"message\":\"%.100s\"}",
                        (unsigned)(ms >> 16), (unsigned)(ms & 0xffff), (unsigned)(x & 0xfff), (unsigned)((x >> 12) & 0xfff),
                        (unsigned long long)(x >> 16), body);
    else
        size = snprintf(text, sizeof text, "{\"message\": \"#%ld# %.*s\"}", number, 100 - snprintf(NULL, 0, "#%ld# ", number), body);
    say(speaker, text, size);
}

/* What comes in */

static void got_message(client *c, long number) {
    room *r = &rooms[c->room];
    if (number != c->last + 1) faults++;
    c->last = number;
    double due = r->due[number % ring];
    int counts = moment >= counts_from && moment < counts_until;
    deliveries += counts;
    if (counts && due >= counts_from) keep_time(moment - due);
    if (--r->left[number % ring] == 0) {
        messages += counts;
        if (asked.window) speak(r, moment);
    }
}

static void got_ready(client *c) {
    c->state = READY, ready++;
    if (returning) keep_time(moment - counts_from);
}

static void got_greeting(client *c, const char *text, size_t size) {
    if (!memcmp(text, "{\"type\":\"hello\"", 15)) {
        const char *epoch = memmem(text, size, "\"epoch\":\"", 9);
        if (epoch) sscanf(epoch + 9, "%31[^\"]", rooms[c->room].epoch);
    } else if (!memcmp(text, "{\"type\":\"sync\"", 14)) {
        const char *more = memmem(text, size, "\"more\":true", 11);
        const char *seq = memmem(text, size, "],\"seq\":", 8);
        if (!more && seq) c->last = atol(seq + 8), got_ready(c);
    }
}

static void got_frame(client *c, const char *text, size_t size) {
    static const char message[] = "{\"type\":\"message\",\"id\":", ack[] = "{\"type\":\"ack\"", error[] = "{\"type\":\"error\"";
    if (!asked.rich) {
        const char *mark = memchr(text, '#', size);
        if (mark) got_message(c, atol(mark + 1));
    } else if (size < sizeof message) {
        return;
    } else if (!memcmp(text, message, sizeof message - 1)) {
        if (c->state == READY) got_message(c, atol(text + sizeof message - 1));
    } else if (!memcmp(text, ack, sizeof ack - 1)) {
        acks++;
    } else if (!memcmp(text, error, sizeof error - 1)) {
        lost(c, "the server said %.*s", (int)(size < 150 ? size : 150), text);
    } else if (c->state == GREETING) {
        got_greeting(c, text, size);
    }
}

/* The frames that are whole among these bytes; how many bytes they were. */
static size_t got_frames(client *c, const char *data, size_t have) {
    size_t at = 0;
    while (have - at >= 2 && c->state != LOST) {
        const unsigned char *p = (const unsigned char *)data + at;
        size_t size = p[1] & 0x7f, head = 2;
        if (size == 126) {
            if (have - at < 4) break;
            size = p[2] << 8 | p[3], head = 4;
        } else if (size == 127) {
            if (have - at < 10) break;
            size = (size_t)p[6] << 24 | p[7] << 16 | p[8] << 8 | p[9], head = 10;
        }
        if (have - at < head + size) break;
        if ((p[0] & 0x0f) == 1) got_frame(c, data + at + head, size);
        else if ((p[0] & 0x0f) == 8) lost(c, "the server closed with %d", size > 1 ? p[head] << 8 | p[head + 1] : 0);
        else if ((p[0] & 0x0f) == 9) put(c, (const char[]){(char)0x8a, (char)0x80, 0, 0, 0, 0}, 6);
        at += head + size;
    }
    return at;
}

static size_t got_head(client *c, const char *data, size_t have) {
    const char *end = memmem(data, have, "\r\n\r\n", 4);
    if (!end) return 0;
    if (memcmp(data, "HTTP/1.1 101", 12)) lost(c, "no handshake: %.*s", (int)strcspn(data, "\r"), data);
    else if (asked.rich) c->state = GREETING, hello(c);
    else got_ready(c);
    return end + 4 - data;
}

/* All clients share the room for reading; only the beginning of a frame that was cut is kept with its client. */
static void got_bytes(client *c) {
    memcpy(bytes, c->cut, c->cut_size);
    ssize_t size = read(c->fd, bytes + c->cut_size, READ);
    if (size <= 0) { lost(c, "the server ended a connection: %s", size ? strerror(errno) : "end of file"); return; }
    moment = now();
    size_t have = c->cut_size + size, at = 0;
    if (c->state == SHAKING) at = got_head(c, bytes, have);
    if (c->state > SHAKING) at += got_frames(c, bytes + at, have - at);
    if (have - at > CUT) die("a frame above %d bytes", CUT);
    if (have - at > c->cut_size) c->cut = realloc(c->cut, have - at);
    memcpy(c->cut, bytes + at, c->cut_size = have - at);
}

/* Connections */

static void shake_hands(client *c) {
    int failure = 0, port = asked.ports[c->number / asked.rooms % asked.processes], size;
    socklen_t failure_size = sizeof failure;
    char head[1024];
    const char *key = keys ? keys[c->number] : NULL;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &failure, &failure_size);
    if (failure) { lost(c, "connect: %s", strerror(failure)); return; }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &event);
    size = snprintf(head, sizeof head,
                    "GET %s%d/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s"
                    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
                    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
                    asked.path, c->room, port, asked.rich ? "Sec-WebSocket-Protocol: chat.v1\r\n" : "");
    if (key)
        size += snprintf(head + size, sizeof head - size, "Origin: http://127.0.0.1:%d\r\nCookie: csrf=%.32s; session=%s; theme=dark\r\n",
                         port, key, key);
    size += snprintf(head + size, sizeof head - size, "\r\n");
    c->state = SHAKING;
    put(c, head, size);
}

static void begin_to_connect(client *c) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons(asked.ports[c->number / asked.rooms % asked.processes]);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    c->state = CONNECTING, c->cut_size = 0;
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = c};
    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &event)) die("epoll: %s", strerror(errno));
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        lost(c, "connect: %s", strerror(errno));
}

static void turn(double seconds) {
    struct epoll_event events[512];
    struct timespec wait = {seconds, fmod(seconds, 1) * 1e9};
    if (seconds > 0) ppoll(&(struct pollfd){ep, POLLIN, 0}, 1, &wait, NULL); /* epoll's own wait counts whole milliseconds */
    int n = epoll_wait(ep, events, 512, 0);
    for (int i = 0; i < n; i++) {
        client *c = events[i].data.ptr;
        if (c->state == CONNECTING) shake_hands(c);
        else if (c->state != LOST) got_bytes(c);
    }
}

/* The runs */

static double join(void) {
    double begun = now();
    for (int i = 0; i < count; i++) {
        begin_to_connect(&clients[i]);
        while (i + 1 - ready >= AT_ONCE) turn(1);
    }
    while (ready < count) turn(1);
    return now() - begun;
}

/* All at once, without the patience that a browser would have. */
static void come_back(void) {
    for (int i = 0; i < count; i++) close(clients[i].fd);
    tell("gone");
    await_line();
    returning = 1, ready = 0;
    double used = cpu();
    moment = counts_from = now();
    for (int i = 0; i < count; i++) begin_to_connect(&clients[i]);
    while (ready + refused < count && now() < counts_from + RETURN_PATIENCE) turn(1);
    tell("{\"back\":%d,\"refused\":%d,\"first_refusal\":\"%s\",\"seconds\":%.3f,\"p50\":%.1f,\"p99\":%.1f,\"load_cpu\":%.3f}", ready,
         refused, first_refusal, now() - counts_from, part(.5), part(.99), cpu() - used);
}

static void talk_until(double end, double *next) {
    static long turn_of;
    while (now() < end) {
        if (asked.rate > 0) {
            for (; *next <= now(); *next += 1 / asked.rate) speak(&rooms[turn_of++ % asked.rooms], *next);
            double wait = fmin(*next, end) - now();
            turn(wait > 0 ? wait : 0);
        } else {
            turn(.05);
        }
    }
}

static long missing(void) {
    long all = 0, sent = 0;
    for (int i = 0; i < count; i++) all += labs(rooms[clients[i].room].last + rooms[clients[i].room].sent - clients[i].last);
    for (int i = 0; i < asked.rooms; i++) sent += rooms[i].sent;
    return all + (asked.rich ? labs(sent - acks) : 0);
}

static void talk(void) {
    for (int i = 0; i < count; i++) {
        room *r = &rooms[clients[i].room];
        if (r->last < clients[i].last) r->last = clients[i].last;
    }
    double start = now(), next = start, used;
    for (int i = 0; i < asked.window; i++) speak(&rooms[i % asked.rooms], start);
    talk_until(start + asked.warmup, &next);
    tell("begun");
    used = cpu(), counts_from = now(), counts_until = counts_from + asked.seconds;
    talk_until(counts_until, &next);
    used = cpu() - used;
    tell("measured");
    await_line();

    /* Let what is in flight come in, so that nothing can be lost unseen. */
    asked.window = 0;
    long left = missing(), before = left;
    for (double since = now(); left && now() < since + PATIENCE; before = left) {
        turn(.02);
        if ((left = missing()) < before) since = now();
    }
    tell("{\"messages\":%ld,\"deliveries\":%ld,\"seconds\":%.3f,\"faults\":%ld,\"missing\":%ld,\"skipped\":%ld,"
         "\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"load_cpu\":%.3f}",
         messages, deliveries, asked.seconds, faults, left, skipped, part(.5), part(.95), part(.99), used);
}

static void read_words(int argc, char **argv) {
    static const struct option options[] = {
        {"ports", 1, 0, 'p'},   {"rooms", 1, 0, 'r'},   {"members", 1, 0, 'm'}, {"window", 1, 0, 'w'},
        {"rate", 1, 0, 'f'},    {"seconds", 1, 0, 's'}, {"warmup", 1, 0, 'u'},  {"dialect", 1, 0, 'd'},
        {"path", 1, 0, 'a'},    {"cookies", 1, 0, 'c'}, {"return", 0, 0, 'R'},
        {"all-speak", 0, 0, 'A'}, {0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) switch (option) {
        case 'p':
            for (char *port = strtok(optarg, ","); port && asked.processes < MOST_PORTS; port = strtok(NULL, ","))
                asked.ports[asked.processes++] = atoi(port);
            break;
        case 'r': asked.rooms = atoi(optarg); break;
        case 'm': asked.members = atoi(optarg); break;
        case 'w': asked.window = atoi(optarg); break;
        case 'f': asked.rate = atof(optarg); break;
        case 's': asked.seconds = atof(optarg); break;
        case 'u': asked.warmup = atof(optarg); break;
        case 'd': asked.rich = !strcmp(optarg, "rich"); break;
        case 'a': asked.path = optarg; break;
        case 'c': asked.cookies = optarg; break;
        case 'R': asked.returns = 1; break;
        case 'A': asked.all_speak = 1; break;
        default: die("see the head of the source");
    }
    if (!asked.processes || asked.rooms < 1 || asked.members < asked.processes || !asked.path) die("see the head of the source");
}

static void read_keys(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) die("%s: %s", path, strerror(errno));
    keys = calloc(count, sizeof *keys);
    for (int i = 0; i < count; i++)
        if (fscanf(file, "%63s", keys[i]) != 1) die("%s: %d sessions are too few", path, i);
    fclose(file);
}

int main(int argc, char **argv) {
    read_words(argc, argv);
    count = asked.rooms * asked.members;
    clients = calloc(count, sizeof *clients), rooms = calloc(asked.rooms, sizeof *rooms);
    for (ring = 256; ring < 2 * asked.window / asked.rooms; ring *= 2) {}
    for (int i = 0; i < asked.rooms; i++) {
        rooms[i].due = calloc(ring, sizeof *rooms[i].due), rooms[i].left = calloc(ring, sizeof *rooms[i].left);
    }
    for (int i = 0; i < count; i++) clients[i].number = i, clients[i].room = i % asked.rooms;
    if (asked.cookies) read_keys(asked.cookies);
    ep = epoll_create1(0);
    tell("joined %.3f", join());
    await_line();
    if (asked.returns) come_back();
    else talk();
    return 0;
}
