// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/printable.h"

#include "core/io/text_file.h"

namespace eigenquant {

namespace {

bool isControl(char c)
{
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

void appendEscaped(std::string& out, char c)
{
    constexpr char kDigits[] = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(c);
    out += "\\x";
    out += kDigits[value >> 4];
    out += kDigits[value & 15];
}

} // namespace

std::string printable(std::string_view text, std::size_t limit)
{
    const bool cut = text.size() > limit;
    if (cut) {
        // Not in the middle of a character: step back over its continuation bytes.
        std::size_t end = limit;
        while (end > 0 && limit - end < 3 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
            --end;
        text = text.substr(0, end);
    }
    std::string out;
    while (!text.empty()) {
        const std::size_t valid = std::min(firstInvalidUtf8(text), text.size());
        for (const char c : text.substr(0, valid)) {
            if (isControl(c))
                appendEscaped(out, c);
            else
                out += c;
        }
        if (valid < text.size())
            appendEscaped(out, text[valid]);
        text.remove_prefix(std::min(valid + 1, text.size()));
    }
    return cut ? out + "..." : out;
}

} // namespace eigenquant
