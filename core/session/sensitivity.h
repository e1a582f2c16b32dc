// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/calib/windows.h"
#include "core/model/decoder.h"
#include "core/quant/packed_checkpoint.h"
#include "core/results/sensitivity.h"

#include <filesystem>

namespace eigenquant {

/// Refuses a checkpoint whose layers cannot stand among those of the model: Error::invalid for another shape,
/// Error::unsupported where the checkpoint's residual stream is turned and the model's is not.
void requireInterchangeableLayers(const ModelConfig& model, const PackedSource& checkpoint,
                                  const std::filesystem::path& folder);

/// Measures every layer of the checkpoint in the float model, and the float model's in the checkpoint: 2 · layers + 1
/// times two passes over the windows. Embedding, last norm and head stay the float model's throughout.
ModelSensitivity measureSensitivity(const Decoder& reference, const PackedSource& checkpoint, const Windows& windows,
                                    const RunContext& context);

} // namespace eigenquant
