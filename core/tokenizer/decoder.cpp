// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/decoder.h"

#include "core/tokenizer/byte_alphabet.h"
#include "core/tokenizer/utf8.h"

namespace eigenquant {

namespace {

std::string joinBytes(const std::vector<std::string>& tokens)
{
    std::string bytes;
    for (const std::string& token : tokens) {
        // An added token need not be written in the alphabet; then it stands for itself.
        const auto decoded = bytesOfLetters(token);
        bytes += decoded ? *decoded : token;
    }
    return replaceInvalidUtf8(bytes);
}

std::string join(const std::vector<std::string>& tokens, std::string_view between)
{
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        text += i == 0 ? std::string_view() : between;
        text += tokens[i];
    }
    return text;
}

} // namespace

std::string Decoder::decode(std::vector<std::string> tokens) const
{
    for (const Step step : m_steps)
        tokens = {step == Step::ByteLevel ? joinBytes(tokens) : join(tokens, "")};
    return join(tokens, m_steps.empty() ? " " : "");
}

} // namespace eigenquant
