// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/windows.h"

#include "core/base/error.h"

#include <algorithm>

namespace eigenquant {

Windows::Windows(std::vector<std::int32_t> ids, int context, int limit, const std::string& textName)
    : m_ids(std::move(ids)), m_context(context)
{
    if (context < 2)
        throw Error::usage("a window needs at least two tokens").field("context").found(std::to_string(context));
    if (limit < 0)
        throw Error::usage("a negative number of windows").field("windows").found(std::to_string(limit));
    const auto available = static_cast<std::int64_t>(m_ids.size()) / context;
    if (available == 0)
        throw Error::invalid("the text is too short for one window")
            .file(textName)
            .found(std::to_string(m_ids.size()) + " tokens")
            .expected("at least " + std::to_string(context))
            .hint("take a longer text or a smaller --context");
    m_count = static_cast<int>(limit == 0 ? available : std::min<std::int64_t>(available, limit));
}

Windows Windows::part(int begin, int end) const
{
    Windows windows;
    const auto size = static_cast<std::ptrdiff_t>(m_context);
    windows.m_ids.assign(m_ids.begin() + begin * size, m_ids.begin() + end * size);
    windows.m_context = m_context;
    windows.m_count = end - begin;
    return windows;
}

std::span<const std::int32_t> Windows::operator[](int index) const
{
    const auto size = static_cast<std::size_t>(m_context);
    return std::span(m_ids).subspan(static_cast<std::size_t>(index) * size, size);
}

} // namespace eigenquant
