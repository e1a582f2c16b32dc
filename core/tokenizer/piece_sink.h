// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>
#include <utility>

namespace eigenquant {

/// A borrowed callable that takes the pieces of a text one by one. It is called for every word, so it is
/// two pointers and never allocates; the callable must outlive it.
class PieceSink {
public:
    template <typename Callable>
    PieceSink(Callable& callable)
        : m_object(&callable), m_call([](void* object, std::string_view piece) {
              (*static_cast<Callable*>(object))(piece);
          })
    {
    }

    void operator()(std::string_view piece) const { m_call(m_object, piece); }

private:
    void* m_object;
    void (*m_call)(void*, std::string_view);
};

} // namespace eigenquant
