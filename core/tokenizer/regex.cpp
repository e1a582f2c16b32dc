// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/regex.h"

#include "core/base/error.h"
#include "core/tokenizer/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdint>
#include <limits>

namespace eigenquant {

namespace {

/// What matching needs besides the program. One for each thread: making them costs more than matching a word.
struct MatchState {
    MatchState()
        : data(pcre2_match_data_create(1, nullptr)), context(pcre2_match_context_create(nullptr)),
          stack(pcre2_jit_stack_create(32 << 10, 256 << 20, nullptr))
    {
        if (!data || !context)
            throw Error::resources("no memory for matching a regular expression");
        // The limits are meant for patterns that backtrack without end; what they count grows with the
        // text, and a long text is no fault.
        pcre2_set_match_limit(context, std::numeric_limits<std::uint32_t>::max());
        pcre2_set_heap_limit(context, 4u << 20); // KiB
        if (stack)
            pcre2_jit_stack_assign(context, nullptr, stack);
    }
    ~MatchState()
    {
        pcre2_jit_stack_free(stack);
        pcre2_match_context_free(context);
        pcre2_match_data_free(data);
    }
    MatchState(const MatchState&) = delete;
    MatchState& operator=(const MatchState&) = delete;

    pcre2_match_data* data;
    pcre2_match_context* context;
    pcre2_jit_stack* stack;
};

std::string pcreMessage(int code)
{
    PCRE2_UCHAR buffer[256];
    pcre2_get_error_message(code, buffer, sizeof buffer);
    return reinterpret_cast<const char*>(buffer);
}

} // namespace

struct Regex::Program {
    explicit Program(pcre2_code* compiled) : code(compiled)
    {
        // Where just-in-time compilation is not to be had the interpreter does the same, slower.
        isJit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
    }
    ~Program() { pcre2_code_free(code); }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    pcre2_code* code;
    bool isJit = false;
};

Regex::Regex(const std::string& pcrePattern)
{
    const std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
        pcre2_compile_context_create(nullptr), &pcre2_compile_context_free);
    if (!context)
        throw Error::resources("no memory for compiling a regular expression");
    pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
    int code = 0;
    PCRE2_SIZE offset = 0;
    pcre2_code* compiled = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pcrePattern.data()), pcrePattern.size(),
                                         PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &code, &offset,
                                         context.get());
    if (!compiled)
        throw Error::invalid("the regular expression does not compile: " + pcreMessage(code));
    m_program = std::make_shared<const Program>(compiled);
}

Regex Regex::fromPattern(std::string_view pattern)
{
    return Regex(translatePattern(pattern));
}

Regex Regex::fromLiteral(std::string_view text)
{
    Regex regex{std::string()};
    regex.m_literal = text;
    return regex;
}

std::string Regex::replaceAll(std::string_view text, std::string_view content) const
{
    std::string out;
    out.reserve(text.size());
    std::size_t copied = 0, begin = 0, end = 0;
    for (Matches matches(*this, text); matches.next(begin, end); copied = end)
        out.append(text.substr(copied, begin - copied)).append(content);
    return out.append(text.substr(copied));
}

bool Regex::search(std::string_view subject, std::size_t from, std::size_t& begin, std::size_t& end) const
{
    thread_local MatchState state;
    const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data());
    const int found = m_program->isJit ? pcre2_jit_match(m_program->code, text, subject.size(), from,
                                                         PCRE2_NO_UTF_CHECK, state.data, state.context)
                                       : pcre2_match(m_program->code, text, subject.size(), from,
                                                     PCRE2_NO_UTF_CHECK, state.data, state.context);
    if (found == PCRE2_ERROR_NOMATCH)
        return false;
    if (found < 0)
        throw Error::resources("the tokenizer's regular expression needs too much memory for this text: " +
                               pcreMessage(found))
            .hint("split the text");
    const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(state.data);
    begin = offsets[0];
    end = offsets[1];
    return true;
}

bool Regex::Matches::nextLiteral(std::size_t& begin, std::size_t& end)
{
    begin = m_subject.find(m_regex.m_literal, m_from);
    end = m_from = begin + m_regex.m_literal.size();
    return begin != std::string_view::npos;
}

bool Regex::Matches::next(std::size_t& begin, std::size_t& end)
{
    if (!m_regex.m_literal.empty())
        return nextLiteral(begin, end);
    while (m_from <= m_subject.size() && m_regex.search(m_subject, m_from, begin, end)) {
        if (begin != end || m_lastEnd != end) {
            m_from = m_lastEnd = end;
            return true;
        }
        m_from += m_from < m_subject.size() ? utf8Length(static_cast<unsigned char>(m_subject[m_from])) : 1;
    }
    return false;
}

} // namespace eigenquant
