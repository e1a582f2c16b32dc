// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace eigenquant {

/// Non-overlapping windows of `context` ids from the start of a text; the rest is dropped.
class Windows {
public:
    /// At most `limit` windows (0: all). Error::usage for a context below 2; Error::invalid when the text has
    /// less than one window: names it, with the tokens found and needed.
    Windows(std::vector<std::int32_t> ids, int context, int limit, const std::string& textName);

    /// Those of [begin, end); of equal numbers none.
    Windows part(int begin, int end) const;

    int count() const { return m_count; }
    int context() const { return m_context; }
    std::int64_t tokens() const { return static_cast<std::int64_t>(m_count) * m_context; }
    std::int64_t textTokens() const { return static_cast<std::int64_t>(m_ids.size()); }
    std::span<const std::int32_t> operator[](int index) const;

private:
    Windows() = default;
    std::vector<std::int32_t> m_ids;
    int m_context = 0;
    int m_count = 0;
};

} // namespace eigenquant
