// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/pre_tokenizer.h"
#include "core/tokenizer/script_table.h"
#include "core/tokenizer/utf8.h"

#include <algorithm>
#include <iterator>

namespace eigenquant {

namespace {

/// The range that a character lies in, or null.
const ScriptRange* rangeOf(char32_t c)
{
    const auto isBefore = [](char32_t value, const ScriptRange& range) { return value < range.first; };
    const auto* const behind = std::upper_bound(std::begin(kScriptRanges), std::end(kScriptRanges), c, isBefore);
    return behind != std::begin(kScriptRanges) && c <= std::prev(behind)->last ? std::prev(behind) : nullptr;
}

} // namespace

/// What stands before the first character with a script is left out, as Hugging Face's does.
void ScriptSplit::split(Piece text, const PieceSink& sink) const
{
    const ScriptRange* last = nullptr;
    std::size_t begin = 0;
    for (std::size_t offset = 0; offset < text.text.size();) {
        const std::size_t at = offset;
        const char32_t c = nextCodePoint(text.text, offset);
        if (last && c >= last->first && c <= last->last)
            continue;
        const ScriptRange* const range = rangeOf(c);
        if (!range)
            continue;
        if (last && last->script != range->script)
            sink({text.text.substr(begin, at - begin), text.startsText && begin == 0});
        if (!last || last->script != range->script)
            begin = at;
        last = range;
    }
    if (last)
        sink({text.text.substr(begin), text.startsText && begin == 0});
}

} // namespace eigenquant
