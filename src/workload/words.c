#include "workload/words.h"

#include <string.h>

#include "base/buf.h"
#include "base/rng.h"

/* A power of two, so that words are cut out of random bits. */
#define WORD_BITS 9
#define WORD_COUNT (1U << WORD_BITS)

/* Words that are cut out of one random number. */
#define WORDS_OF_DRAW WORDS_OF_CODE

_Static_assert(WORDS_OF_DRAW *WORD_BITS <= 64, "a draw has bits for its words");

/* With the blank before it; copied in one move. */
#define WORD_BYTES 16

struct word {
    char text[WORD_BYTES - 1];
    uint8_t len;
};

#define W(literal) {" " literal, sizeof(literal)}

/* Each is one token, with its blank, in o200k_base, cl100k_base, p50k_base and Llama 2's vocabulary. */
static const struct word words[] = {
    W("about"),      W("accept"),     W("across"),      W("activity"),  W("actor"),
    W("after"),      W("again"),      W("age"),         W("agree"),     W("air"),
    W("almost"),     W("already"),    W("although"),    W("always"),    W("angry"),
    W("another"),    W("answer"),     W("area"),        W("argue"),     W("arm"),
    W("around"),     W("art"),        W("artist"),      W("ask"),       W("attack"),
    W("attention"),  W("author"),     W("award"),       W("away"),      W("back"),
    W("bad"),        W("bag"),        W("ball"),        W("bank"),      W("beach"),
    W("bear"),       W("because"),    W("bed"),         W("before"),    W("begin"),
    W("believe"),    W("between"),    W("big"),         W("bird"),      W("black"),
    W("blue"),       W("body"),       W("box"),         W("boy"),       W("bread"),
    W("break"),      W("bring"),      W("brother"),     W("brown"),     W("build"),
    W("bus"),        W("busy"),       W("buy"),         W("call"),      W("campaign"),
    W("carry"),      W("case"),       W("cat"),         W("catch"),     W("center"),
    W("chair"),      W("chance"),     W("change"),      W("chapter"),   W("choice"),
    W("choose"),     W("church"),     W("city"),        W("clean"),     W("clear"),
    W("clock"),      W("cloud"),      W("coast"),       W("coffee"),    W("college"),
    W("color"),      W("community"),  W("computer"),    W("condition"), W("continue"),
    W("control"),    W("cook"),       W("cool"),        W("cost"),      W("country"),
    W("couple"),     W("course"),     W("court"),       W("cow"),       W("create"),
    W("crown"),      W("cut"),        W("dance"),       W("dark"),      W("data"),
    W("day"),        W("death"),      W("decide"),      W("decision"),  W("deep"),
    W("defense"),    W("design"),     W("difference"),  W("difficult"), W("dinner"),
    W("director"),   W("discover"),   W("doctor"),      W("dog"),       W("double"),
    W("drink"),      W("drop"),       W("dry"),         W("during"),    W("each"),
    W("early"),      W("earth"),      W("east"),        W("easy"),      W("eat"),
    W("editor"),     W("education"),  W("effect"),      W("effort"),    W("empty"),
    W("energy"),     W("even"),       W("event"),       W("every"),     W("expect"),
    W("experience"), W("explain"),    W("eye"),         W("face"),      W("fact"),
    W("fall"),       W("false"),      W("family"),      W("fast"),      W("father"),
    W("few"),        W("field"),      W("fight"),       W("figure"),    W("final"),
    W("find"),       W("finish"),     W("fire"),        W("first"),     W("fix"),
    W("follow"),     W("foot"),       W("force"),       W("forest"),    W("forget"),
    W("form"),       W("forward"),    W("friend"),      W("full"),      W("future"),
    W("game"),       W("garden"),     W("general"),     W("gift"),      W("girl"),
    W("give"),       W("glass"),      W("global"),      W("good"),      W("government"),
    W("gray"),       W("great"),      W("green"),       W("ground"),    W("group"),
    W("grow"),       W("hair"),       W("half"),        W("hand"),      W("hang"),
    W("happy"),      W("hard"),       W("hate"),        W("head"),      W("health"),
    W("hear"),       W("heart"),      W("heavy"),       W("help"),      W("high"),
    W("history"),    W("hold"),       W("home"),        W("hope"),      W("horse"),
    W("hot"),        W("house"),      W("idea"),        W("image"),     W("increase"),
    W("industry"),   W("instead"),    W("interest"),    W("island"),    W("issue"),
    W("job"),        W("join"),       W("just"),        W("key"),       W("kind"),
    W("king"),       W("know"),       W("lake"),        W("land"),      W("large"),
    W("law"),        W("lead"),       W("leader"),      W("learn"),     W("leave"),
    W("letter"),     W("level"),      W("library"),     W("life"),      W("like"),
    W("line"),       W("list"),       W("listen"),      W("little"),    W("local"),
    W("lock"),       W("long"),       W("look"),        W("lose"),      W("lot"),
    W("loud"),       W("love"),       W("low"),         W("main"),      W("major"),
    W("man"),        W("many"),       W("market"),      W("match"),     W("matter"),
    W("maybe"),      W("medal"),      W("meet"),        W("member"),    W("metal"),
    W("milk"),       W("mind"),       W("minor"),       W("minute"),    W("model"),
    W("moment"),     W("money"),      W("month"),       W("moon"),      W("morning"),
    W("mother"),     W("mountain"),   W("movie"),       W("museum"),    W("music"),
    W("name"),       W("narrow"),     W("nation"),      W("need"),      W("never"),
    W("new"),        W("news"),       W("next"),        W("night"),     W("north"),
    W("novel"),      W("number"),     W("ocean"),       W("offer"),     W("office"),
    W("official"),   W("often"),      W("oil"),         W("old"),       W("once"),
    W("only"),       W("open"),       W("opportunity"), W("orange"),    W("other"),
    W("others"),     W("own"),        W("page"),        W("painter"),   W("palace"),
    W("paper"),      W("parent"),     W("part"),        W("party"),     W("patient"),
    W("perhaps"),    W("period"),     W("phone"),       W("pick"),      W("picture"),
    W("piece"),      W("plan"),       W("plane"),       W("plate"),     W("play"),
    W("player"),     W("poem"),       W("point"),       W("police"),    W("population"),
    W("position"),   W("power"),      W("practice"),    W("president"), W("previous"),
    W("prince"),     W("private"),    W("prize"),       W("problem"),   W("process"),
    W("product"),    W("program"),    W("project"),     W("protect"),   W("public"),
    W("pull"),       W("push"),       W("put"),         W("queen"),     W("quiet"),
    W("race"),       W("rain"),       W("rate"),        W("read"),      W("reader"),
    W("ready"),      W("real"),       W("really"),      W("reason"),    W("receive"),
    W("record"),     W("red"),        W("reduce"),      W("refuse"),    W("remember"),
    W("report"),     W("require"),    W("research"),    W("return"),    W("rich"),
    W("right"),      W("rise"),       W("risk"),        W("river"),     W("road"),
    W("role"),       W("round"),      W("rule"),        W("run"),       W("sad"),
    W("salt"),       W("same"),       W("sand"),        W("save"),      W("say"),
    W("school"),     W("search"),     W("season"),      W("second"),    W("security"),
    W("see"),        W("select"),     W("sell"),        W("send"),      W("sense"),
    W("serve"),      W("service"),    W("several"),     W("share"),     W("sharp"),
    W("ship"),       W("short"),      W("show"),        W("side"),      W("similar"),
    W("simple"),     W("since"),      W("singer"),      W("sit"),       W("site"),
    W("situation"),  W("sky"),        W("sleep"),       W("slow"),      W("small"),
    W("snow"),       W("society"),    W("soft"),        W("some"),      W("sometimes"),
    W("son"),        W("song"),       W("sound"),       W("source"),    W("south"),
    W("space"),      W("speak"),      W("special"),     W("spend"),     W("square"),
    W("stage"),      W("stand"),      W("star"),        W("start"),     W("state"),
    W("station"),    W("stay"),       W("step"),        W("still"),     W("stone"),
    W("storm"),      W("story"),      W("street"),      W("strong"),    W("student"),
    W("study"),      W("style"),      W("such"),        W("sugar"),     W("summer"),
    W("sun"),        W("support"),    W("system"),      W("table"),     W("take"),
    W("talk"),       W("tall"),       W("tax"),         W("teach"),     W("teacher"),
    W("team"),       W("technology"), W("tell"),        W("temple"),    W("thick"),
    W("thing"),      W("think"),      W("third"),       W("through"),   W("throw"),
    W("time"),       W("together"),   W("tool"),        W("total"),     W("touch"),
    W("tower"),      W("town"),       W("train"),       W("tree"),      W("true"),
    W("turn"),       W("twice"),      W("understand"),  W("unit"),      W("until"),
    W("use"),        W("usually"),    W("valley"),      W("value"),     W("view"),
    W("voice"),      W("walk"),       W("wall"),        W("want"),      W("war"),
    W("warm"),       W("watch"),      W("water"),       W("way"),       W("weak"),
    W("week"),       W("west"),       W("wet"),         W("wheel"),     W("while"),
    W("whole"),      W("wide"),       W("wife"),        W("win"),       W("wind"),
    W("window"),     W("wish"),       W("woman"),       W("wood"),      W("word"),
    W("work"),       W("write"),      W("writer"),      W("wrong"),     W("year"),
    W("yellow"),     W("young"),
};

_Static_assert(sizeof(words) / sizeof(words[0]) == WORD_COUNT, "all bits have a word");

static char *put(char *at, uint64_t bits)
{
    const struct word *word = &words[bits % WORD_COUNT];

    memcpy(at, word, WORD_BYTES);
    return at + word->len;
}

/* Makes room for so many words, as long as any are. */
static int reserve(uint64_t count, struct buf *out)
{
    if (count >= out->max_bytes / WORD_BYTES)
        return buf_reserve(out, out->max_bytes); /* more than it ever holds */
    return buf_reserve(out, (size_t)(count + 1) * WORD_BYTES);
}

int words_append(uint64_t count, uint64_t code, struct rng *rng, struct buf *out)
{
    char *start;
    char *at;
    uint64_t bits = code;
    const int r = reserve(count, out);

    if (r < 0 || count == 0)
        return r;
    start = out->bytes + out->len;
    at = start;
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0 && i % WORDS_OF_DRAW == 0)
            bits = rng_next(rng);
        at = put(at, bits);
        bits >>= WORD_BITS;
    }
    /* The first one has no blank. */
    out->len += (size_t)(at - start) - 1;
    memmove(start, start + 1, (size_t)(at - start) - 1);
    out->bytes[out->len] = '\0';
    return 0;
}
