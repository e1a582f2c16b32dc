// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"
#include "core/model/weights.h"

#include <string>

namespace eigenquant {

/// Rows of a stored matrix, float32 [words, width], checked as TensorStore::readFloat() does.
at::Tensor storedRows(const TensorStore& store, const std::string& name, Words words);

} // namespace eigenquant
