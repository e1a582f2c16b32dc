// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace eigenquant::test {

/// A TCP port of this machine that nobody listens at.
int freePort();

} // namespace eigenquant::test
