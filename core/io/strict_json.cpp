// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/strict_json.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/text_file.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace eigenquant {

namespace {

using nlohmann::json;

/// "line 3, byte 120": both counted from 1 and 0, as editors and hex viewers do.
std::string placeOf(std::string_view text, std::size_t offset)
{
    offset = std::min(offset, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
    return "line " + std::to_string(line) + ", byte " + std::to_string(offset);
}

/// Walks over the text and tells how far the parser has come, which its events do not.
class TrackedIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    TrackedIterator(const char* at, const char** reached) : m_at(at), m_reached(reached) {}
    reference operator*() const { return *m_at; }
    TrackedIterator& operator++()
    {
        *m_reached = ++m_at;
        return *this;
    }
    bool operator==(const TrackedIterator& other) const { return m_at == other.m_at; }
    bool operator!=(const TrackedIterator& other) const { return m_at != other.m_at; }

private:
    const char* m_at;
    const char** m_reached;
};

/// Builds the value from the parser's events and refuses what the library itself would let pass.
class StrictBuilder : public nlohmann::json_sax<json> {
public:
    StrictBuilder(std::string_view text, const std::filesystem::path& source, int depthLimit)
        : reached(text.data()), m_text(text), m_source(source), m_depthLimit(depthLimit)
    {
    }

    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t& digits) override
    {
        if (!std::isfinite(value))
            throw refusal("a number is out of range").found(printable(digits, 40));
        return add(value);
    }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t&) override { throw refusal("binary data in a JSON text"); }

    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override
    {
        json& object = *m_open.back();
        if (object.contains(name))
            throw refusal("the key appears twice in one object").field(printable(name));
        m_member = &object[name];
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const json::exception& error) override
    {
        std::string_view message = error.what();
        // The library's own number and position in front of the sentence help nobody.
        if (const auto bracket = message.find("] "); bracket != message.npos)
            message.remove_prefix(bracket + 2);
        if (const auto colon = message.find("column "); colon != message.npos)
            message.remove_prefix(std::min(message.size(), message.find(": ", colon) + 2));
        throw refusal("this is not valid JSON").found(printable(message, 200));
    }

    Error refusal(std::string summary) const
    {
        // The parser is one character ahead of what it reports.
        const std::size_t offset = static_cast<std::size_t>(reached - m_text.data());
        summary += " (" + placeOf(m_text, offset == 0 ? 0 : offset - 1) + ")";
        return Error::invalid(std::move(summary)).file(m_source.string());
    }

    json result;
    const char* reached;

private:
    json* place(json&& value)
    {
        if (m_open.empty()) {
            result = std::move(value);
            return &result;
        }
        json& parent = *m_open.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return &parent.back();
        }
        *m_member = std::move(value);
        return m_member;
    }
    template <class T>
    bool add(T&& value)
    {
        place(json(std::forward<T>(value)));
        return true;
    }
    bool open(json&& container)
    {
        if (m_open.size() >= static_cast<std::size_t>(m_depthLimit))
            throw refusal("the JSON is nested too deeply")
                .expected("at most " + std::to_string(m_depthLimit) + " levels");
        m_open.push_back(place(std::move(container)));
        return true;
    }
    bool close()
    {
        m_open.pop_back();
        return true;
    }

    std::string_view m_text;
    const std::filesystem::path& m_source;
    int m_depthLimit;
    std::vector<json*> m_open; ///< the containers around the current place, outermost first
    json* m_member = nullptr;  ///< where the value of the last key goes
};

/// What is cheap to find before parsing, and what the parser would stumble over less clearly.
void checkBytes(std::string_view text, const std::filesystem::path& source, const JsonLimits& limits)
{
    if (text.size() > limits.bytes)
        throw Error::invalid("the JSON text is too large")
            .file(source.string())
            .found(std::to_string(text.size()) + " bytes")
            .expected("at most " + std::to_string(limits.bytes));
    if (const auto nul = text.find('\0'); nul != text.npos)
        throw Error::invalid("a NUL byte in a JSON text (" + placeOf(text, nul) + ")").file(source.string());
    if (const auto bad = firstInvalidUtf8(text); bad != text.npos)
        throw Error::invalid("the JSON text is not UTF-8 (" + placeOf(text, bad) + ")").file(source.string());
}

} // namespace

json parseStrictJson(std::string_view text, const std::filesystem::path& source, JsonLimits limits)
{
    checkBytes(text, source, limits);
    StrictBuilder builder(text, source, limits.depth);
    const char* const begin = text.data();
    // Every refusal leaves as an exception, so that a plain return means success.
    json::sax_parse(TrackedIterator(begin, &builder.reached),
                    TrackedIterator(begin + text.size(), &builder.reached), &builder);
    return std::move(builder.result);
}

} // namespace eigenquant
