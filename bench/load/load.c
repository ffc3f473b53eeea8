/* A light HTTP load generator: one thread, epoll, keep-alive connections that ask again as soon as they are answered.
 *
 *   load HOST PORT CLIENTS SECONDS REQUESTS ANSWERS
 *
 * REQUESTS holds requests one after the other, each as four bytes of length (little endian) and its bytes as they go over the
 * wire. Each is sent once, in order, until they are used up or SECONDS are over (0: until they are used up).
 * ANSWERS receives a record of 24 bytes an answer: request (u32), status (u32), microseconds waited (u64), moment (u64, monotonic
 * microseconds). A connection that breaks is opened again; its request counts as status 0. Bodies are read and thrown away.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MOST 16384

typedef struct {
    int fd;
    uint32_t request;       /* which one is under way */
    int busy, writing;
    size_t sent;            /* bytes of it that are out */
    uint64_t began;
    char head[HEAD_MOST];   /* the answer's head, or the last bytes of a chunked body */
    size_t held;
    int in_body, chunked, status;
    long left;              /* bytes of the body that are still to come */
} Client;

static char *data;
static size_t *offset;
static uint32_t *length;
static uint32_t count, next_request;
static struct sockaddr_in address;
static FILE *answers;
static int poll_fd;
static uint64_t done_count;

static uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

static void die(const char *what) { perror(what); exit(2); }

static void watch(Client *c, int how, int op) {
    struct epoll_event event = {.events = how, .data.ptr = c};
    if (epoll_ctl(poll_fd, op, c->fd, &event)) die("epoll_ctl");
}

static void open_client(Client *c) {
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0) die("socket");
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) { close(c->fd); c->fd = -1; return; }
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    c->writing = 0;
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
}

static void note(Client *c, uint32_t status) {
    uint64_t at = now();
    uint32_t two[2] = {c->request, status};
    uint64_t times[2] = {at - c->began, at};
    fwrite(two, sizeof two, 1, answers);
    fwrite(times, sizeof times, 1, answers);
    done_count++;
    c->busy = 0;
}

static void push(Client *c) {
    while (c->sent < length[c->request]) {
        ssize_t n = send(c->fd, data + offset[c->request] + c->sent, length[c->request] - c->sent, MSG_NOSIGNAL);
        if (n < 0) {
            if (errno == EAGAIN) { if (!c->writing) { c->writing = 1; watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD); } return; }
            return; /* reading will tell */
        }
        c->sent += n;
    }
    if (c->writing) { c->writing = 0; watch(c, EPOLLIN, EPOLL_CTL_MOD); }
}

static int ask(Client *c) {
    if (next_request == count) return 0;
    if (c->fd < 0) { open_client(c); if (c->fd < 0) return 0; }
    c->request = next_request++;
    c->busy = 1; c->sent = 0; c->held = 0; c->in_body = 0; c->chunked = 0; c->left = 0; c->status = 0;
    c->began = now();
    push(c);
    return 1;
}

static void broken(Client *c) {
    close(c->fd);
    c->fd = -1;
    if (c->busy) note(c, 0);
}

/* The head is whole: what kind of body follows. Returns the length of the head. */
static size_t read_head(Client *c, char *end) {
    size_t size = end + 4 - c->head;
    *end = 0;
    c->status = atoi(c->head + 9);
    for (char *line = strstr(c->head, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (!strncasecmp(line + 2, "content-length:", 15)) c->left = atol(line + 17);
        if (!strncasecmp(line + 2, "transfer-encoding: chunked", 26)) c->chunked = 1;
    }
    if (c->status == 204 || c->status == 304) c->left = 0;
    c->in_body = 1;
    return size;
}

/* The body ends with what a last chunk ends with; its last bytes are kept in `head`. */
static int chunks_end(Client *c, const char *bytes, size_t n) {
    char both[10];
    size_t old = n >= 5 ? 0 : c->held, fresh = n >= 5 ? 5 : n;
    memcpy(both, c->head, old);
    memcpy(both + old, bytes + n - fresh, fresh);
    size_t all = old + fresh, from = all > 5 ? all - 5 : 0;
    memcpy(c->head, both + from, all - from);
    c->held = all - from;
    return c->held == 5 && !memcmp(c->head, "0\r\n\r\n", 5);
}

/* 1 when the answer is whole. */
static int take(Client *c, const char *bytes, size_t n) {
    if (!c->in_body) {
        size_t room = HEAD_MOST - 1 - c->held, before = c->held, copied = n < room ? n : room;
        memcpy(c->head + before, bytes, copied);
        c->held += copied;
        c->head[c->held] = 0;
        char *end = strstr(c->head, "\r\n\r\n");
        if (!end) return 0;
        size_t used = read_head(c, end) - before;
        bytes += used;
        n -= used;
        c->held = 0;
    }
    if (c->chunked) return chunks_end(c, bytes, n);
    c->left -= n;
    return c->left <= 0;
}

static void load_requests(const char *path) {
    FILE *f = fopen(path, "rb");
    if (!f) die(path);
    fseek(f, 0, SEEK_END);
    size_t size = ftell(f), at = 0, room = 1024;
    rewind(f);
    data = malloc(size);
    if (fread(data, 1, size, f) != size) die("read");
    fclose(f);
    offset = malloc(room * sizeof *offset); length = malloc(room * sizeof *length);
    while (at + 4 <= size) {
        if (count == room) { room *= 2; offset = realloc(offset, room * sizeof *offset); length = realloc(length, room * sizeof *length); }
        memcpy(&length[count], data + at, 4);
        offset[count] = at + 4;
        at += 4 + length[count++];
    }
    if (!count) { fprintf(stderr, "no requests\n"); exit(2); }
}

int main(int argc, char **argv) {
    if (argc != 7) { fprintf(stderr, "load HOST PORT CLIENTS SECONDS REQUESTS ANSWERS\n"); return 2; }
    int clients = atoi(argv[3]), seconds = atoi(argv[4]);
    load_requests(argv[5]);
    answers = fopen(argv[6], "wb");
    if (!answers) die(argv[6]);
    address.sin_family = AF_INET;
    address.sin_port = htons(atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1) { fprintf(stderr, "an address in digits\n"); return 2; }
    poll_fd = epoll_create1(0);
    Client *all = calloc(clients, sizeof *all);
    uint64_t start = now(), end = seconds ? start + (uint64_t)seconds * 1000000 : UINT64_MAX;
    int running = 0;
    for (int i = 0; i < clients; i++) { all[i].fd = -1; open_client(&all[i]); if (all[i].fd >= 0 && ask(&all[i])) running++; }
    static char buffer[65536];
    struct epoll_event events[256];
    while (running) {
        int n = epoll_wait(poll_fd, events, 256, 1000);
        uint64_t at = now();
        if (at > end + 30000000) break; /* who has not been answered 30 s after the end is told as such */
        for (int i = 0; i < n; i++) {
            Client *c = events[i].data.ptr;
            if (c->fd < 0) continue;
            if (events[i].events & EPOLLOUT) push(c);
            if (!(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) continue;
            int whole = 0, gone = 0;
            for (;;) {
                ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
                if (got > 0) { if (take(c, buffer, got)) { whole = 1; break; } if (got < (ssize_t)sizeof buffer) break; continue; }
                if (got < 0 && errno == EAGAIN) break;
                gone = 1;
                break;
            }
            if (whole) { note(c, c->status); if (now() >= end || !ask(c)) running--; }
            else if (gone) { int was = c->busy; broken(c); if (was && (now() >= end || !ask(c))) running--; }
        }
    }
    for (int i = 0; i < clients; i++) if (all[i].busy) note(&all[i], 1);
    fclose(answers);
    printf("%llu answers in %.3f s\n", (unsigned long long)done_count, (now() - start) / 1e6);
    return 0;
}
