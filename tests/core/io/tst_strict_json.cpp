// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/strict_json.h"
#include "tests/core/io/io_test.h"

namespace eigenquant::test {

namespace {

using nlohmann::json;

json parse(std::string_view text, JsonLimits limits = {})
{
    return parseStrictJson(text, "config.json", limits);
}

void expectRefused(std::string_view text, std::string_view word, JsonLimits limits = {})
{
    SCOPED_TRACE(std::string(text.substr(0, 60)));
    expectError([&] { parse(text, limits); }, ErrorCode::Invalid, {"config.json", word});
}

} // namespace

TEST(StrictJson, BuildsTheSameValueAsTheLibrary)
{
    for (const char* text : {"null", "[]", "{}", "\"x\"", "-1.5e3", " [1, [2, {\"a\": []}], {}] \n",
                             R"({"a":{"b":[true,false,null,{"c":"d"}],"e":{}},"f":18446744073709551615,"g":-9})",
                             R"({"z":"\u00e9\ud83d\ude00\n","":1})"})
        EXPECT_EQ(parse(text), json::parse(text)) << text;
}

TEST(StrictJson, RefusesWhatTheLibraryLetsPass)
{
    expectRefused(R"({"a":1,"b":{"c":1,"c":2}})", "c: the key appears twice");
    expectRefused(R"({"a":1,"\u0061":2})", "twice");
    expectRefused(std::string_view("{}\0", 3), "NUL byte");
    expectRefused(std::string_view("[\"a\0b\"]", 7), "NUL byte");
    expectRefused("[1e999]", "number");
    expectRefused("\"\xed\xa0\x80\"", "UTF-8");
    expectRefused(std::string(65, '[') + std::string(65, ']'), "at most 64");
    expectRefused(std::string(1'000'000, '['), "nested too deeply");
    expectRefused("[[1]]", "at most 1", {.depth = 1, .bytes = 100});
    expectRefused("[1,2]", "too large", {.depth = 9, .bytes = 4});
    EXPECT_NO_THROW(parse(std::string(64, '[') + std::string(64, ']')));
}

TEST(StrictJson, RefusesWhatIsNoJson)
{
    for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "[1] x", "{} {}", "NaN", "Infinity",
                             "01", "+1", "\"\x01\"", "\"\\x\"", "// c\n1", "tru", "\xc3\xa9"})
        expectRefused(text, "not valid JSON");
}

TEST(StrictJson, SaysWhere)
{
    expectRefused("{\n \"a\": 1,\n \"a\": 2}", "line 3");
    expectRefused("[1,\n2,\n3 4]", "line 3");
    expectRefused("[1,\n\"\xff\"]", "line 2, byte 5");
}

TEST(StrictJson, MessagesStayShortAndPrintable)
{
    try {
        parse("[\"" + std::string(100'000, 'x') + "\" \x1b]");
        FAIL();
    } catch (const Error& error) {
        EXPECT_LT(std::string(error.what()).size(), 600u);
        EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
    }
}

TEST(JsonObject, TypedMembers)
{
    const json value = parse(R"({"i":7,"d":1.5,"s":"x","t":true,"n":null,"o":{"k":2},"l":[1,2]})");
    const JsonObject object(value, "config.json");
    EXPECT_EQ(object.getInteger("i", 0, 7), 7);
    EXPECT_EQ(object.getIntegerOr("n", 9, 0, 1), 9);
    EXPECT_EQ(object.getIntegerOr("missing", 9, 0, 1), 9);
    EXPECT_EQ(object.getNumber("d"), 1.5);
    EXPECT_EQ(object.getNumber("i"), 7.0);
    EXPECT_EQ(object.getNumberOr("missing", 2.5), 2.5);
    EXPECT_EQ(object.getString("s"), "x");
    EXPECT_EQ(object.getStringOr("n", "y"), "y");
    EXPECT_TRUE(object.getBoolOr("t", false));
    EXPECT_TRUE(object.getBoolOr("missing", true));
    EXPECT_EQ(object.getObject("o").getInteger("k", 0, 9), 2);
    EXPECT_EQ(object.getArray("l").size(), 2u);
    EXPECT_TRUE(object.has("s"));
    EXPECT_FALSE(object.has("n"));
    EXPECT_FALSE(object.has("missing"));
}

TEST(JsonObject, ErrorsNameSourceAndKey)
{
    const json value = parse(R"({"i":7,"f":7.0,"big":18446744073709551615,"o":{"k":"x"},"s":"x"})");
    const JsonObject object(value, "config.json");
    const auto expectInvalid = [](auto action, std::initializer_list<std::string_view> words) {
        expectError(action, ErrorCode::Invalid, words);
    };
    expectInvalid([&] { object.getInteger("i", 8, 9); }, {"config.json: i", "found 7", "from 8 to 9"});
    expectInvalid([&] { object.getInteger("f", 0, 9); }, {"f: ", "7.0", "an integer"});
    expectInvalid([&] { object.getInteger("big", -1, INT64_MAX); }, {"big", "18446744073709551615"});
    expectInvalid([&] { object.getIntegerOr("s", 1, 0, 9); }, {"s: ", "\"x\""});
    expectInvalid([&] { object.getInteger("missing", 0, 9); }, {"missing: the key is missing"});
    expectInvalid([&] { object.getNumber("s"); }, {"a number"});
    expectInvalid([&] { object.getBoolOr("i", true); }, {"true or false"});
    expectInvalid([&] { object.getString("i"); }, {"a string"});
    expectInvalid([&] { object.getArray("o"); }, {"o: ", "an array"});
    expectInvalid([&] { object.getObject("s"); }, {"s: ", "an object"});
    expectInvalid([&] { object.getObject("o").getInteger("k", 0, 9); }, {"o.k"});
    expectInvalid([&] { JsonObject(value["s"], "config.json"); }, {"config.json", "an object"});
}

} // namespace eigenquant::test
