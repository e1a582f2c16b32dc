// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/decoder.h"

#include "core/io/text_file.h"
#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/utf8.h"

#include <optional>

namespace eigenquant {

namespace {

using Tokens = Decoder::Tokens;

std::string join(const Tokens& tokens, std::string_view between)
{
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        text += i == 0 ? std::string_view() : between;
        text += tokens[i];
    }
    return text;
}

void replaceAll(std::string& text, std::string_view from, std::string_view to)
{
    if (from.empty())
        return;
    std::string out;
    std::size_t copied = 0;
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, copied)) {
        out.append(text, copied, at - copied).append(to);
        copied = at + from.size();
    }
    if (copied != 0)
        text = out.append(text, copied);
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The byte that <0x0A> names; <0x+A> names the same one in Hugging Face tokenizers.
std::optional<unsigned char> namedByte(std::string_view token)
{
    if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>')
        return std::nullopt;
    const int high = token[3] == '+' ? 0 : hexDigit(token[3]);
    const int low = hexDigit(token[4]);
    if (high < 0 || low < 0)
        return std::nullopt;
    return static_cast<unsigned char>(high * 16 + low);
}

} // namespace

std::string Decoder::decode(Tokens tokens) const
{
    for (const auto& step : m_steps)
        tokens = step->apply(std::move(tokens));
    return join(tokens, m_steps.empty() ? " " : "");
}

Tokens ByteLevelStep::apply(Tokens tokens) const
{
    std::string bytes;
    for (const std::string& token : tokens) {
        // An added token need not be written in the alphabet; then it stands for itself.
        const auto decoded = bytesOfLetters(token);
        bytes += decoded ? *decoded : token;
    }
    return {replaceInvalidUtf8(bytes)};
}

Tokens FuseStep::apply(Tokens tokens) const
{
    return {join(tokens, "")};
}

Tokens ByteFallbackStep::apply(Tokens tokens) const
{
    Tokens out;
    std::string bytes;
    const auto finish = [&] {
        if (firstInvalidUtf8(bytes) == std::string_view::npos) {
            if (!bytes.empty())
                out.push_back(std::move(bytes));
        } else {
            out.insert(out.end(), bytes.size(), "\xef\xbf\xbd");
        }
        bytes.clear();
    };
    for (std::string& token : tokens) {
        if (const auto byte = namedByte(token)) {
            bytes += static_cast<char>(*byte);
            continue;
        }
        finish();
        out.push_back(std::move(token));
    }
    finish();
    return out;
}

Tokens ReplaceStep::apply(Tokens tokens) const
{
    for (std::string& token : tokens)
        token = m_pattern.replaceAll(token, m_content);
    return tokens;
}

Tokens StripStep::apply(Tokens tokens) const
{
    for (std::string& token : tokens) {
        std::string_view rest = token;
        for (std::size_t i = 0; i < m_atBegin && rest.starts_with(m_character); ++i)
            rest.remove_prefix(m_character.size());
        for (std::size_t i = 0; i < m_atEnd && rest.ends_with(m_character); ++i)
            rest.remove_suffix(m_character.size());
        token = std::string(rest);
    }
    return tokens;
}

Tokens MetaspaceStep::apply(Tokens tokens) const
{
    for (std::size_t i = 0; i < tokens.size(); ++i)
        replaceAll(tokens[i], m_sign, i == 0 && m_wasPrepended ? "" : " ");
    return tokens;
}

Tokens WordPieceStep::apply(Tokens tokens) const
{
    constexpr std::pair<std::string_view, std::string_view> kTidy[] = {
        {" .", "."},     {" ?", "?"},       {" !", "!"},           {" ,", ","},     {" ' ", "'"},    {" n't", "n't"},
        {" 'm", "'m"},   {" do not", " don't"}, {" 's", "'s"},     {" 've", "'ve"}, {" 're", "'re"}};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::string& token = tokens[i];
        if (i != 0 && token.starts_with(m_prefix))
            token.erase(0, m_prefix.size());
        else if (i != 0)
            token.insert(0, " ");
        if (m_isCleaned)
            for (const auto& [from, to] : kTidy)
                replaceAll(token, from, to);
    }
    return tokens;
}

Tokens WordEndStep::apply(Tokens tokens) const
{
    for (std::size_t i = 0; i < tokens.size(); ++i)
        replaceAll(tokens[i], m_suffix, i + 1 == tokens.size() ? "" : " ");
    return tokens;
}

} // namespace eigenquant
