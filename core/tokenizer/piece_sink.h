// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace eigenquant {

/// A part of a text on its way to the model.
struct Piece {
    Piece(std::string_view piece, bool isAtStart = false) : text(piece), startsText(isAtStart) {}

    std::string_view text;
    bool startsText; ///< whether it begins where the whole text does
};

/// A borrowed callable that takes the pieces of a text one by one. It is called for every word, so it is
/// two pointers and never allocates; the callable must outlive it.
class PieceSink {
public:
    template <typename Callable>
    PieceSink(Callable& callable)
        : m_object(&callable), m_call([](void* object, Piece piece) { (*static_cast<Callable*>(object))(piece); })
    {
    }

    void operator()(Piece piece) const { m_call(m_object, piece); }

private:
    void* m_object;
    void (*m_call)(void*, Piece);
};

} // namespace eigenquant
