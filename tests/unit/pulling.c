/*
 * A pull without a server and without files; see pulling.h.
 */
#include "unit/pulling.h"

#include <string.h>

#include "base/strbuf.h"
#include "manifest/load.h"
#include "plan/planner.h"
#include "unit/world.h"

/* What a server fills in where nothing was said. */
static void fill(struct strbuf *config, const char *name, const char *value)
{
    if (!strstr(strbuf_text(config), arena_printf(&world.arena, "\"%s\":", name)))
        strbuf_addf(config, "%s\"%s\":%s", config->length ? "," : "", name, value);
}

static const char *window_of(const char *config)
{
    const char *age = strstr(config, "\"max_age\":");
    size_t digits = age ? strspn(age + 10, "0123456789") : 0;
    bool shorter = digits == 10 || digits == 11; /* the samples' ages below two minutes have so many */
    return shorter ? arena_strndup(&world.arena, age + 10, digits) : "120000000000";
}

struct live_object pulling_live(const char *stream, const char *consumer, const char *members)
{
    struct live_object live;
    struct strbuf config = {0};
    strbuf_adds(&config, members);
    bool sources = strstr(members, "\"sources\"") != NULL;
    if (consumer) {
        fill(&config, "durable_name", arena_printf(&world.arena, "\"%s\"", consumer));
        fill(&config, "ack_wait", "30000000000");
        fill(&config, "max_waiting", "512");
        fill(&config, "max_ack_pending", "1000");
    } else {
        strbuf_addf(&config, "%s\"name\":\"%s\"", config.length ? "," : "", stream);
        if (!sources) {
            fill(&config, "subjects", arena_printf(&world.arena, "[\"%s\"]", stream));
            fill(&config, "duplicate_window", window_of(members));
        }
    }
    const struct node *info = world_json(
        consumer ? arena_printf(&world.arena, "{\"stream_name\":\"%s\",\"name\":\"%s\",\"config\":{%s}}",
                                stream, consumer, strbuf_text(&config))
                 : arena_printf(&world.arena, "{\"config\":{%s}}", strbuf_text(&config)));
    strbuf_release(&config);
    ck_assert(consumer ? live_consumer(info, &live) : live_stream(info, &live));
    return live;
}

static int read_text(void *context, struct arena *arena, const char *path, struct source *ret_source,
                     const char **ret_error)
{
    const char *text = context;
    (void)arena;
    (void)ret_error;
    *ret_source = (struct source){.name = path, .text = text, .length = strlen(text)};
    return 0;
}

static int expand_path(void *context, struct arena *arena, const char *pattern, const char ***ret_paths,
                       size_t *ret_count, const char **ret_error)
{
    (void)context;
    (void)ret_error;
    *ret_paths = ARENA_ARRAY(arena, const char *, 1);
    (*ret_paths)[0] = pattern;
    *ret_count = 1;
    return 0;
}

static const char *no_variable(void *context, const char *name)
{
    (void)context;
    (void)name;
    return NULL;
}

const char *pulling_text(const char *text, const struct survey *survey, struct pulled *ret_pulled)
{
    static const char *const paths[] = {"m.yaml"};
    const struct plan_options options = {0};
    const struct target target = {.version = VERSION(2, 15, 1), .version_text = "2.15.1"};
    const struct manifest_reader reader = {.read = read_text,
                                           .expand = expand_path,
                                           .context = arena_strdup(&world.arena, text),
                                           .lookup = no_variable};
    const struct pull_request request = {.reader = &reader,
                                         .paths = paths,
                                         .path_count = 1,
                                         .target = &target,
                                         .survey = survey,
                                         .options = &options};
    ck_assert_msg(pull_drift(&world.arena, &request, &world.diags, ret_pulled) == 0,
                  "cannot be read:\n%.2000s", text);
    return ret_pulled->files.count ? ret_pulled->files.items[0].after.text : text;
}
