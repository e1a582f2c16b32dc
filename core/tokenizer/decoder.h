// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace eigenquant {

/// The last step of a tokenizer: the texts of the tokens back to one text.
class Decoder {
public:
    enum class Step {
        ByteLevel, ///< letters of the byte alphabet to bytes, joined, to valid UTF-8
        Fuse,      ///< joined as they are
    };

    /// Without steps the tokens are joined with spaces, as Hugging Face tokenizers do where there is no
    /// decoder.
    explicit Decoder(std::vector<Step> steps) : m_steps(std::move(steps)) {}

    std::string decode(std::vector<std::string> tokens) const;

private:
    std::vector<Step> m_steps;
};

} // namespace eigenquant
