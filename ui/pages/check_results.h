// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;

namespace eigenquant {

class Card;
class CheckTable;
class LatencyPlot;
class LatencyTable;
class Workspace;

/// What a check measured: perplexity before and after, and the latency of decoding as plot and table.
class CheckResults : public QWidget {
    Q_OBJECT

public:
    explicit CheckResults(Workspace& workspace);

private:
    Card* buildPerplexity();
    Card* buildLatency();
    void showResults();
    void showPerplexity();
    void showLatency();

    Workspace& m_workspace;
    CheckTable* m_perplexities = nullptr;
    QLabel* m_computedBy = nullptr;
    LatencyPlot* m_plot = nullptr;
    LatencyTable* m_latencies = nullptr;
    QLabel* m_conditions = nullptr;
};

} // namespace eigenquant
