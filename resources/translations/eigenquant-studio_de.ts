<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>BitParts</name>
    <message>
        <source>%1 for codes and scales + %2 for FP16 channels + %3 for rotations = %4 effective bits a weight</source>
        <translation>%1 für Codes und Skalen + %2 für FP16-Kanäle + %3 für Rotationen = %4 effektive Bits je Gewicht</translation>
    </message>
    <message>
        <source>A rotation per site is a matrix that is kept and applied at run time, which weighs much in a small model. The rotation &quot;global&quot; is merged into the weights and costs nothing.</source>
        <translation>Eine Rotation je Stelle ist eine Matrix, die aufbewahrt und zur Laufzeit angewandt wird; in einem kleinen Modell fällt sie ins Gewicht. Die Rotation „global“ wird in die Gewichte eingerechnet und kostet nichts.</translation>
    </message>
</context>
<context>
    <name>QAction</name>
    <message>
        <source>&amp;Copy as table</source>
        <translation>Als Tabelle &amp;kopieren</translation>
    </message>
    <message>
        <source>Copy the selected cells as tab-separated text</source>
        <translation>Die gewählten Zellen als Text mit Tabulatoren kopieren</translation>
    </message>
</context>
<context>
    <name>eigenquant</name>
    <message>
        <source>Batch</source>
        <translation>Batch</translation>
    </message>
    <message>
        <source>Sequences that are decoded at once</source>
        <translation>Folgen, die zugleich decodiert werden</translation>
    </message>
    <message>
        <source>ms a step</source>
        <translation>ms je Schritt</translation>
    </message>
    <message>
        <source>One token of every sequence</source>
        <translation>Ein Token jeder Folge</translation>
    </message>
    <message>
        <source>Tokens/s</source>
        <translation>Token/s</translation>
    </message>
    <message>
        <source>Of all sequences together</source>
        <translation>Aller Folgen zusammen</translation>
    </message>
    <message>
        <source>FP16 ms</source>
        <translation>FP16 ms</translation>
    </message>
    <message>
        <source>A step with FP16 linears of cuBLAS in the same engine</source>
        <translation>Ein Schritt mit FP16-Schichten von cuBLAS in derselben Maschine</translation>
    </message>
    <message>
        <source>Speed-up</source>
        <translation>Beschleunigung</translation>
    </message>
    <message>
        <source>FP16&apos;s time over ours</source>
        <translation>Zeit von FP16 durch unsere</translation>
    </message>
    <message>
        <source>Roofline</source>
        <translation>Roofline</translation>
    </message>
    <message>
        <source>The least time that memory and arithmetic allow, over ours</source>
        <translation>Die kürzeste Zeit, die Speicher und Rechenwerk erlauben, durch unsere</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Weights, cache and scratch memory; behind the stroke those of FP16</source>
        <translation>Gewichte, Cache und Arbeitsspeicher; hinter dem Strich die von FP16</translation>
    </message>
    <message>
        <source>Kernel</source>
        <translation>Kernel</translation>
    </message>
    <message>
        <source>What computed the linears</source>
        <translation>Was die linearen Schichten berechnet hat</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>RMS</source>
        <translation>RMS</translation>
    </message>
    <message>
        <source>max |x|</source>
        <translation>max |x|</translation>
    </message>
    <message>
        <source>Energy</source>
        <translation>Energie</translation>
    </message>
    <message>
        <source>Share of the site&apos;s whole energy</source>
        <translation>Anteil an der ganzen Energie der Stelle</translation>
    </message>
    <message>
        <source>× median</source>
        <translation>× Median</translation>
    </message>
    <message>
        <source>RMS against the median RMS of the site</source>
        <translation>RMS gegen das mittlere RMS der Stelle</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>With its standard error over the windows; lower is better</source>
        <translation>Mit Standardfehler über die Fenster; weniger ist besser</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Windows × tokens a window</source>
        <translation>Fenster × Token je Fenster</translation>
    </message>
    <message>
        <source>Eff. bits</source>
        <translation>Eff. Bits</translation>
    </message>
    <message>
        <source>Bits a weight of the quantized linears, rotations included</source>
        <translation>Bits je Gewicht der quantisierten Schichten, samt Rotationen</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Of the linears, as stored</source>
        <translation>Der linearen Schichten, wie gespeichert</translation>
    </message>
    <message>
        <source>Output error</source>
        <translation>Ausgabefehler</translation>
    </message>
    <message>
        <source>Mean of ‖XΔW‖² / ‖XW‖² over the linears, on the calibration text</source>
        <translation>Mittel von ‖XΔW‖² / ‖XW‖² über die linearen Schichten, auf dem Kalibriertext</translation>
    </message>
    <message>
        <source>Linear</source>
        <translation>Lineare Schicht</translation>
    </message>
    <message>
        <source>All bits a weight needs at run time</source>
        <translation>Alle Bits, die ein Gewicht zur Laufzeit braucht</translation>
    </message>
    <message>
        <source>Rot. bits</source>
        <translation>Rot.-Bits</translation>
    </message>
    <message>
        <source>Of these, the share of run-time rotations</source>
        <translation>Davon der Anteil der Rotationen zur Laufzeit</translation>
    </message>
    <message>
        <source>As stored</source>
        <translation>Wie gespeichert</translation>
    </message>
    <message>
        <source>Pred. error</source>
        <translation>Vorherg. Fehler</translation>
    </message>
    <message>
        <source>Expected from the statistics</source>
        <translation>Aus der Statistik erwartet</translation>
    </message>
    <message>
        <source>Measured on the calibration text, of what is stored</source>
        <translation>Auf dem Kalibriertext gemessen, an dem, was gespeichert ist</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Decoder layer, counted from 0</source>
        <translation>Decoderschicht, von 0 gezählt</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>The activation that the site&apos;s linears read</source>
        <translation>Die Aktivierung, die die linearen Schichten der Stelle lesen</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>How the site&apos;s linears are quantized</source>
        <translation>Wie die linearen Schichten der Stelle quantisiert werden</translation>
    </message>
    <message>
        <source>Rotation</source>
        <translation>Rotation</translation>
    </message>
    <message>
        <source>The basis in which salient channels are chosen and weights are rounded</source>
        <translation>Die Basis, in der saliente Kanäle gewählt und Gewichte gerundet werden</translation>
    </message>
    <message>
        <source>K</source>
        <translation>K</translation>
    </message>
    <message>
        <source>Salient channels that stay FP16. Type a count, or a fraction such as 1/32</source>
        <translation>Saliente Kanäle, die FP16 bleiben. Eine Anzahl oder ein Bruch wie 1/32</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Width of the codes of all other channels; a mean for CMPQ and ETQ</source>
        <translation>Breite der Codes aller anderen Kanäle; ein Mittel bei CMPQ und ETQ</translation>
    </message>
    <message>
        <source>Locked sites keep their settings when rows are planned anew or bits are spread</source>
        <translation>Gesperrte Stellen behalten ihre Einstellungen, wenn Zeilen neu geplant oder Bits verteilt werden</translation>
    </message>
    <message>
        <source>All bits a weight needs at run time: codes, scales, FP16 channels, rotations</source>
        <translation>Alle Bits, die ein Gewicht zur Laufzeit braucht: Codes, Skalen, FP16-Kanäle, Rotationen</translation>
    </message>
    <message>
        <source>Of these, the share of rotations that are applied at run time</source>
        <translation>Davon der Anteil der Rotationen, die zur Laufzeit angewandt werden</translation>
    </message>
    <message>
        <source>What the site&apos;s linears take, rotations included</source>
        <translation>Was die linearen Schichten der Stelle brauchen, samt Rotationen</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>‖XΔW‖² / ‖XW‖² expected from the statistics</source>
        <translation>‖XΔW‖² / ‖XW‖², aus der Statistik erwartet</translation>
    </message>
    <message>
        <source>KL</source>
        <translation>KL</translation>
    </message>
    <message>
        <source>KL(float ‖ quantized), nats a token, that the errors of the site&apos;s linears are expected to cost</source>
        <translation>KL(float ‖ quantisiert) in Nats je Token, die die Fehler der linearen Schichten der Stelle voraussichtlich kosten</translation>
    </message>
    <message>
        <source>Share of the activation&apos;s energy in the K channels</source>
        <translation>Anteil der K Kanäle an der Energie der Aktivierung</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>The model and its plan at a glance</source>
        <translation>Das Modell und sein Plan auf einen Blick</translation>
    </message>
    <message>
        <source>Spectra</source>
        <translation>Spektren</translation>
    </message>
    <message>
        <source>Eigenvalues of each activation</source>
        <translation>Eigenwerte jeder Aktivierung</translation>
    </message>
    <message>
        <source>Outliers</source>
        <translation>Ausreißer</translation>
    </message>
    <message>
        <source>Strong channels before and after the rotation</source>
        <translation>Starke Kanäle vor und nach der Drehung</translation>
    </message>
    <message>
        <source>Budgets</source>
        <translation>Budgets</translation>
    </message>
    <message>
        <source>K and bits of every site</source>
        <translation>K und Bits jeder Stelle</translation>
    </message>
    <message>
        <source>Quantize &amp;&amp; export</source>
        <translation>Quantisieren</translation>
    </message>
    <message>
        <source>Carry the plan out, and export what comes of it</source>
        <translation>Den Plan ausführen und exportieren, was dabei entsteht</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Perplexity and latency, on the GPU or the CPU</source>
        <translation>Perplexität und Latenz, auf GPU oder CPU</translation>
    </message>
    <message>
        <source>Lesson</source>
        <translation>Lektion</translation>
    </message>
    <message>
        <source>How a rotation gathers outliers, step by step</source>
        <translation>Wie eine Drehung Ausreißer sammelt, Schritt für Schritt</translation>
    </message>
    <message>
        <source>K = %1 · keeps %2 of the energy
predicted error %3</source>
        <translation>K = %1 · behält %2 der Energie
vorhergesagter Fehler %3</translation>
    </message>
    <message>
        <source>Mean square E[x²]</source>
        <translation>Mittleres Quadrat E[x²]</translation>
    </message>
    <message>
        <source>Kurtosis</source>
        <translation>Kurtosis</translation>
    </message>
    <message>
        <source>By the chosen measure</source>
        <translation>Nach dem gewählten Maß</translation>
    </message>
    <message>
        <source>Index in the order of its space</source>
        <translation>Nummer in der Reihenfolge ihres Raums</translation>
    </message>
    <message>
        <source>Root mean square over the tokens</source>
        <translation>Quadratisches Mittel über die Token</translation>
    </message>
    <message>
        <source>Largest magnitude over the tokens</source>
        <translation>Größter Betrag über die Token</translation>
    </message>
    <message>
        <source>E[(x − mean)⁴] / variance²; 3 for a Gaussian</source>
        <translation>E[(x − Mittel)⁴] / Varianz²; 3 bei einer Normalverteilung</translation>
    </message>
    <message>
        <source>Weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>Weights of a linear before and after quantization</source>
        <translation>Gewichte einer linearen Schicht vor und nach dem Quantisieren</translation>
    </message>
    <message>
        <source>more rows than there are below the chosen one</source>
        <translation>mehr Zeilen, als unter der gewählten da sind</translation>
    </message>
    <message>
        <source>at most %1</source>
        <translation>höchstens %1</translation>
    </message>
    <message>
        <source>choose the row that the first line belongs to</source>
        <translation>wählen Sie die Zeile, zu der die erste gehört</translation>
    </message>
    <message>
        <source>the table has no such row</source>
        <translation>die Tabelle hat keine solche Zeile</translation>
    </message>
    <message>
        <source>layer %1, %2</source>
        <translation>Schicht %1, %2</translation>
    </message>
    <message>
        <source>paste sites into the table of sites, and linears into that of linears</source>
        <translation>fügen Sie Stellen in die Tabelle der Stellen ein und lineare Schichten in die der linearen Schichten</translation>
    </message>
    <message>
        <source>nothing can be pasted here</source>
        <translation>hier lässt sich nichts einfügen</translation>
    </message>
    <message>
        <source>no cell chosen</source>
        <translation>keine Zelle gewählt</translation>
    </message>
    <message>
        <source>K, Bits, Group or Lock</source>
        <translation>K, Bits, Gruppe oder Sperre</translation>
    </message>
    <message>
        <source>choose the cell that the first value belongs to, or copy the headings too</source>
        <translation>wählen Sie die Zelle, zu der der erste Wert gehört, oder kopieren Sie die Überschriften mit</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>The settings that differ, before → after</source>
        <translation>Die verschiedenen Einstellungen, vorher → nachher</translation>
    </message>
    <message>
        <source>Eff. bits before</source>
        <translation>Eff. Bits vorher</translation>
    </message>
    <message>
        <source>after</source>
        <translation>nachher</translation>
    </message>
    <message>
        <source>Size before</source>
        <translation>Größe vorher</translation>
    </message>
    <message>
        <source>Error before</source>
        <translation>Fehler vorher</translation>
    </message>
    <message>
        <source>method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>rounding</source>
        <translation>Rundung</translation>
    </message>
    <message>
        <source>rotation</source>
        <translation>Rotation</translation>
    </message>
    <message>
        <source>stay FP16</source>
        <translation>bleiben FP16</translation>
    </message>
    <message>
        <source>symmetric</source>
        <translation>symmetrisch</translation>
    </message>
    <message>
        <source>lock</source>
        <translation>sperren</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>The folder of the comparison</source>
        <translation>Der Ordner des Vergleichs</translation>
    </message>
    <message>
        <source>Variant</source>
        <translation>Variante</translation>
    </message>
    <message>
        <source>Of the linears and their rotations, as stored</source>
        <translation>Der linearen Schichten und ihrer Rotationen, wie gespeichert</translation>
    </message>
    <message>
        <source>Against first</source>
        <translation>Gegen ersten</translation>
    </message>
    <message>
        <source>Perplexity less that of the variant of the same name in the first report</source>
        <translation>Perplexität weniger die der gleichnamigen Variante im ersten Bericht</translation>
    </message>
    <message>
        <source>KL(float ‖ variant), nats a token</source>
        <translation>KL(float ‖ Variante) in Nats je Token</translation>
    </message>
    <message>
        <source>Same top</source>
        <translation>Gleiches oberstes</translation>
    </message>
    <message>
        <source>Share of tokens whose most likely next one is the float model&apos;s</source>
        <translation>Anteil der Token, deren wahrscheinlichstes nächstes das des Float-Modells ist</translation>
    </message>
    <message>
        <source>Latency of a decoding step at the smallest batch that was measured</source>
        <translation>Latenz eines Decodierschritts beim kleinsten gemessenen Batch</translation>
    </message>
    <message>
        <source>Pareto</source>
        <translation>Pareto</translation>
    </message>
    <message>
        <source>No other variant of the report has fewer bits and a lower perplexity</source>
        <translation>Keine andere Variante des Berichts hat weniger Bits und kleinere Perplexität</translation>
    </message>
    <message>
        <source>Width</source>
        <translation>Breite</translation>
    </message>
    <message>
        <source>Channels of the activation</source>
        <translation>Kanäle der Aktivierung</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>Weights of a row that share a scale; 0: the whole row</source>
        <translation>Gewichte einer Zeile, die sich eine Skala teilen; 0: die ganze Zeile</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>Sperren</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Gemessen</translation>
    </message>
    <message>
        <source>KL(float ‖ this layer alone quantized), nats a token, as measured of a checkpoint</source>
        <translation>KL(float ‖ nur diese Schicht quantisiert) in Nats je Token, an einem Checkpoint gemessen</translation>
    </message>
    <message>
        <source>Runs</source>
        <translation>Läufe</translation>
    </message>
    <message>
        <source>Many variants in one table, perplexity against bits</source>
        <translation>Viele Varianten in einer Tabelle, Perplexität gegen Bits</translation>
    </message>
    <message>
        <source> (%1%2 %)</source>
        <translation> (%1%2 %)</translation>
    </message>
    <message>
        <source>%1 &lt;b&gt;%2 → %3&lt;/b&gt;%4</source>
        <translation>%1 &lt;b&gt;%2 → %3&lt;/b&gt;%4</translation>
    </message>
    <message>
        <source>&lt;b&gt;%1&lt;/b&gt; of %2 linears differ</source>
        <translation>&lt;b&gt;%1&lt;/b&gt; von %2 linearen Schichten unterscheiden sich</translation>
    </message>
    <message>
        <source>effective bits</source>
        <translation>effektive Bits</translation>
    </message>
    <message>
        <source>size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>predicted error</source>
        <translation>vorhergesagter Fehler</translation>
    </message>
    <message>
        <source>predicted KL</source>
        <translation>vorhergesagte KL</translation>
    </message>
    <message>
        <source>%1 against %2</source>
        <translation>%1 gegen %2</translation>
    </message>
    <message>
        <source>Totals of both plans</source>
        <translation>Summen beider Pläne</translation>
    </message>
    <message>
        <source>Before: %1. After: %2.</source>
        <translation>Vorher: %1. Nachher: %2.</translation>
    </message>
    <message>
        <source>Linears that differ</source>
        <translation>Verschiedene lineare Schichten</translation>
    </message>
</context>
<context>
    <name>eigenquant::AboutDialog</name>
    <message>
        <source>windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>plots</source>
        <translation>Diagramme</translation>
    </message>
    <message>
        <source>tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message>
        <source>GPU, where there is one</source>
        <translation>GPU, wo es eine gibt</translation>
    </message>
    <message>
        <source>linear algebra</source>
        <translation>lineare Algebra</translation>
    </message>
    <message>
        <source>files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>command line</source>
        <translation>Befehlszeile</translation>
    </message>
    <message>
        <source>tokenizers</source>
        <translation>Tokenizer</translation>
    </message>
    <message>
        <source>fingerprints</source>
        <translation>Fingerabdrücke</translation>
    </message>
    <message>
        <source>the demo&apos;s model</source>
        <translation>das Modell der Demo</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>For</source>
        <translation>Für</translation>
    </message>
    <message>
        <source>By</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>GNU General Public License</source>
        <translation>GNU General Public License</translation>
    </message>
    <message>
        <source>About Eigenquant Studio</source>
        <translation>Über Eigenquant Studio</translation>
    </message>
    <message>
        <source>&lt;h2&gt;Eigenquant Studio %1&lt;/h2&gt;&lt;p&gt;Analyses and quantizes large language models by the eigenvalues of their activations.&lt;/p&gt;&lt;p&gt;Free software under the GNU General Public License, version 3 or later. It comes without any warranty. No network, no telemetry.&lt;/p&gt;</source>
        <translation>&lt;h2&gt;Eigenquant Studio %1&lt;/h2&gt;&lt;p&gt;Analysiert und quantisiert große Sprachmodelle anhand der Eigenwerte ihrer Aktivierungen.&lt;/p&gt;&lt;p&gt;Freie Software unter der GNU General Public License, Version 3 oder später. Ohne jede Gewährleistung. Kein Netz, keine Telemetrie.&lt;/p&gt;</translation>
    </message>
    <message>
        <source>Parts and their licences</source>
        <translation>Teile und ihre Lizenzen</translation>
    </message>
</context>
<context>
    <name>eigenquant::AnalyzeDialog</name>
    <message>
        <source>Analyse %1</source>
        <translation>%1 analysieren</translation>
    </message>
    <message>
        <source>The text runs through the model once. What is kept is small: eigenvalues, channel energies and rounding errors, enough to plan without the model.</source>
        <translation>Der Text läuft einmal durch das Modell. Was bleibt, ist klein: Eigenwerte, Kanalenergien und Rundungsfehler, genug, um ohne das Modell zu planen.</translation>
    </message>
    <message>
        <source>Analyse</source>
        <translation>Analysieren</translation>
    </message>
    <message>
        <source>Calibration text</source>
        <translation>Kalibriertext</translation>
    </message>
    <message>
        <source>Texts (*.txt);;All files (*)</source>
        <translation>Texte (*.txt);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Tokens in a window; each window is read on its own</source>
        <translation>Token je Fenster; jedes Fenster wird für sich gelesen</translation>
    </message>
    <message>
        <source>At most this many windows from the start of the text</source>
        <translation>Höchstens so viele Fenster vom Anfang des Textes</translation>
    </message>
    <message>
        <source>Statistics file</source>
        <translation>Statistikdatei</translation>
    </message>
    <message>
        <source>Statistics (*.stats)</source>
        <translation>Statistik (*.stats)</translation>
    </message>
    <message>
        <source>Keep the second moments, so that quantizing need not read the text again</source>
        <translation>Die zweiten Momente behalten, damit das Quantisieren den Text nicht noch einmal lesen muss</translation>
    </message>
    <message>
        <source>Channel norms only (fast; for CMPQ)</source>
        <translation>Nur Kanalnormen (schnell; für CMPQ)</translation>
    </message>
    <message>
        <source>Takes no second moments: no spectra and no rotations, but memory that grows with the channels alone</source>
        <translation>Nimmt keine zweiten Momente: keine Spektren und keine Rotationen, aber Speicher, der nur mit den Kanälen wächst</translation>
    </message>
    <message>
        <source>Calibration &amp;text</source>
        <translation>Kalibrier&amp;text</translation>
    </message>
    <message>
        <source>&amp;Context, tokens</source>
        <translation>&amp;Kontext, Token</translation>
    </message>
    <message>
        <source>&amp;Windows</source>
        <translation>&amp;Fenster</translation>
    </message>
    <message>
        <source>&amp;Statistics file</source>
        <translation>&amp;Statistikdatei</translation>
    </message>
    <message>
        <source>Choose a calibration text: any plain text of some hundred kilobytes.</source>
        <translation>Wählen Sie einen Kalibriertext: irgendein reiner Text von einigen hundert Kilobyte.</translation>
    </message>
    <message>
        <source>The statistics file exists and will be replaced.</source>
        <translation>Die Statistikdatei gibt es schon; sie wird ersetzt.</translation>
    </message>
</context>
<context>
    <name>eigenquant::BitSpreader</name>
    <message>
        <source>spread %1 effective bits</source>
        <translation>%1 effektive Bits verteilen</translation>
    </message>
    <message>
        <source>Work out what bits can be spread</source>
        <translation>Ermitteln, welche Bits verteilbar sind</translation>
    </message>
</context>
<context>
    <name>eigenquant::BudgetDelegate</name>
    <message>
        <source>whole row</source>
        <translation>ganze Zeile</translation>
    </message>
</context>
<context>
    <name>eigenquant::BudgetList</name>
    <message>
        <source>Totals of the plan</source>
        <translation>Summen des Plans</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>Sperren</translation>
    </message>
    <message>
        <source>Lock or unlock the selected rows; locked ones keep their settings when bits are spread</source>
        <translation>Die gewählten Zeilen sperren oder freigeben; gesperrte behalten ihre Einstellungen, wenn Bits verteilt werden</translation>
    </message>
    <message>
        <source>Sites</source>
        <translation>Stellen</translation>
    </message>
    <message>
        <source>Linears</source>
        <translation>Lineare Schichten</translation>
    </message>
    <message>
        <source>Rows of the table</source>
        <translation>Zeilen der Tabelle</translation>
    </message>
    <message>
        <source>A row for each site, or for each linear</source>
        <translation>Eine Zeile für jede Stelle oder für jede lineare Schicht</translation>
    </message>
    <message>
        <source>Select rows, e.g. mlp_out|^0\.</source>
        <translation>Zeilen wählen, z. B. mlp_out|^0\.</translation>
    </message>
    <message>
        <source>Pattern that selects rows</source>
        <translation>Muster, das Zeilen wählt</translation>
    </message>
    <message>
        <source>A regular expression that is looked for in the names of sites and linears, such as 3.mlp_in and 3.gate; Enter selects the rows</source>
        <translation>Ein regulärer Ausdruck, der in den Namen von Stellen und linearen Schichten gesucht wird, etwa 3.mlp_in und 3.gate; Eingabe wählt die Zeilen</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>What differs from another plan</source>
        <translation>Was sich von einem anderen Plan unterscheidet</translation>
    </message>
    <message>
        <source>Measured</source>
        <translation>Gemessen</translation>
    </message>
    <message>
        <source>What each layer was measured to cost</source>
        <translation>Was jede Schicht gemessen kostet</translation>
    </message>
    <message>
        <source>With the plan as &amp;opened or saved</source>
        <translation>Mit dem Plan wie ge&amp;öffnet oder gespeichert</translation>
    </message>
    <message>
        <source>as opened or saved</source>
        <translation>wie geöffnet oder gespeichert</translation>
    </message>
    <message>
        <source>With a plan &amp;file…</source>
        <translation>Mit einer Plan&amp;datei…</translation>
    </message>
    <message>
        <source>Compare with a plan</source>
        <translation>Mit einem Plan vergleichen</translation>
    </message>
    <message>
        <source>Plans (*.json);;All files (*)</source>
        <translation>Pläne (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>&amp;Measure the quantized checkpoint</source>
        <translation>Den quantisierten Checkpoint &amp;messen</translation>
    </message>
    <message>
        <source>&amp;Load a measurement…</source>
        <translation>Messung &amp;laden…</translation>
    </message>
    <message>
        <source>Load what eigenquant sensitivity --json wrote</source>
        <translation>Laden, was eigenquant sensitivity --json geschrieben hat</translation>
    </message>
    <message>
        <source>Measurements (*.json);;All files (*)</source>
        <translation>Messungen (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Budgets of all sites</source>
        <translation>Budgets aller Stellen</translation>
    </message>
    <message>
        <source>&amp;Paste</source>
        <translation>&amp;Einfügen</translation>
    </message>
    <message>
        <source>Take over K, bits, groups and locks from a spreadsheet</source>
        <translation>K, Bits, Gruppen und Sperren aus einer Tabellenkalkulation übernehmen</translation>
    </message>
    <message>
        <source>not a pattern: %1</source>
        <translation>kein Muster: %1</translation>
    </message>
    <message>
        <source>rows found: %1</source>
        <translation>gefundene Zeilen: %1</translation>
    </message>
    <message>
        <source>paste</source>
        <translation>einfügen</translation>
    </message>
    <message>
        <source>Nothing was pasted: %1</source>
        <translation>Nichts eingefügt: %1</translation>
    </message>
    <message>
        <source>unlock</source>
        <translation>freigeben</translation>
    </message>
    <message>
        <source>lock</source>
        <translation>sperren</translation>
    </message>
    <message>
        <source>Spreads so many effective bits over all linears that are not locked, for the least expected KL</source>
        <translation>Verteilt so viele effektive Bits auf alle nicht gesperrten linearen Schichten, mit der kleinsten erwarteten KL</translation>
    </message>
    <message>
        <source>These statistics hold no Fisher information at the linears&apos; outputs, without which nothing says where bits matter</source>
        <translation>Dieser Statistik fehlt die Fisher-Information an den Ausgängen der linearen Schichten; ohne sie sagt nichts, wo Bits zählen</translation>
    </message>
    <message>
        <source>the budgets</source>
        <translation>die Budgets</translation>
    </message>
    <message>
        <source>&lt;b&gt;%1&lt;/b&gt; bits</source>
        <translation>&lt;b&gt;%1&lt;/b&gt; Bit</translation>
    </message>
    <message>
        <source>%1 codes + %2 FP16</source>
        <translation>%1 Codes + %2 FP16</translation>
    </message>
    <message>
        <source>%1 rotations (global ones cost none)</source>
        <translation>%1 Rotationen (globale kosten nichts)</translation>
    </message>
    <message>
        <source> · &lt;b&gt;%1&lt;/b&gt; · error &lt;b&gt;%2&lt;/b&gt;</source>
        <translation> · &lt;b&gt;%1&lt;/b&gt; · Fehler &lt;b&gt;%2&lt;/b&gt;</translation>
    </message>
    <message>
        <source> · KL &lt;b&gt;%1&lt;/b&gt; nats</source>
        <translation> · KL &lt;b&gt;%1&lt;/b&gt; nat</translation>
    </message>
</context>
<context>
    <name>eigenquant::ChannelPlot</name>
    <message>
        <source>Magnitude of each channel</source>
        <translation>Betrag jedes Kanals</translation>
    </message>
    <message>
        <source>No statistics are open</source>
        <translation>Keine Statistik ist offen</translation>
    </message>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>RMS magnitude</source>
        <translation>RMS-Betrag</translation>
    </message>
    <message>
        <source>channel</source>
        <translation>Kanal</translation>
    </message>
    <message>
        <source>rms</source>
        <translation>rms</translation>
    </message>
    <message>
        <source>max</source>
        <translation>max</translation>
    </message>
</context>
<context>
    <name>eigenquant::ChannelsSlide</name>
    <message>
        <source>Most uneven site</source>
        <translation>Ungleichste Stelle</translation>
    </message>
    <message>
        <source>Goes to the site whose strongest channel holds the largest share of the energy</source>
        <translation>Geht zu der Stelle, deren stärkster Kanal den größten Anteil der Energie hält</translation>
    </message>
    <message>
        <source>Activations have outliers, and they multiply the error</source>
        <translation>Aktivierungen haben Ausreißer, und die vervielfachen den Fehler</translation>
    </message>
    <message>
        <source>A layer multiplies activations X with weights W. Of an error ΔW in the weights, its output sees each row as much as the channel of X that meets it is strong:</source>
        <translation>Eine Schicht multipliziert Aktivierungen X mit Gewichten W. Von einem Fehler ΔW der Gewichte sieht ihre Ausgabe jede Zeile so sehr, wie der Kanal von X stark ist, der auf sie trifft:</translation>
    </message>
    <message>
        <source>(≈: terms between correlated channels are left out.) In a language model a few channels are far stronger than the others. Rounding errors that meet them decide how bad the output becomes.</source>
        <translation>(≈: Glieder zwischen korrelierten Kanälen sind weggelassen.) In einem Sprachmodell sind einige wenige Kanäle weit stärker als die anderen. Rundungsfehler, die auf sie treffen, entscheiden, wie schlecht die Ausgabe wird.</translation>
    </message>
    <message>
        <source>Strongest channel</source>
        <translation>Stärkster Kanal</translation>
    </message>
    <message>
        <source>its share of the energy</source>
        <translation>sein Anteil an der Energie</translation>
    </message>
    <message>
        <source>its RMS against the median channel&apos;s</source>
        <translation>sein RMS gegen das des mittleren Kanals</translation>
    </message>
    <message>
        <source>%1 ×</source>
        <translation>%1 ×</translation>
    </message>
    <message>
        <source>The strongest %1 of %2 hold</source>
        <translation>Die stärksten %1 von %2 halten</translation>
    </message>
    <message>
        <source>%1, %2 tokens of %3. Outlier channels: LLM.int8(), arXiv 2208.07339; keeping them in 16 bits or scaling them: AWQ, arXiv 2306.00978.</source>
        <translation>%1, %2 Token aus %3. Ausreißerkanäle: LLM.int8(), arXiv 2208.07339; sie in 16 Bit behalten oder skalieren: AWQ, arXiv 2306.00978.</translation>
    </message>
    <message>
        <source>Outlier channels</source>
        <translation>Ausreißerkanäle</translation>
    </message>
</context>
<context>
    <name>eigenquant::CheckPage</name>
    <message>
        <source>Check</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>What is checked</source>
        <translation>Was geprüft wird</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Check on the &amp;GPU</source>
        <translation>Auf der &amp;GPU prüfen</translation>
    </message>
    <message>
        <source>Perplexity through the kernels, and the latency of decoding</source>
        <translation>Perplexität durch die Kernel und die Latenz des Decodierens</translation>
    </message>
    <message>
        <source>Check on the &amp;CPU</source>
        <translation>Auf der &amp;CPU prüfen</translation>
    </message>
    <message>
        <source>The same without a GPU: slow, and quantization does not make it faster</source>
        <translation>Dasselbe ohne GPU: langsam, und Quantisieren macht es nicht schneller</translation>
    </message>
    <message>
        <source>&amp;Shorter on the CPU, which is slow</source>
        <translation>&amp;Kürzer auf der CPU, die langsam ist</translation>
    </message>
    <message>
        <source>At most 4 windows of 512 tokens, 16 generated tokens and batches of 16; unticked, all of it</source>
        <translation>Höchstens 4 Fenster zu 512 Token, 16 erzeugte Token und Batches von 16; ohne Haken alles</translation>
    </message>
    <message>
        <source>What went wrong</source>
        <translation>Was schiefging</translation>
    </message>
    <message>
        <source>Progress of the check</source>
        <translation>Fortschritt der Prüfung</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop the check; what is measured already stays</source>
        <translation>Die Prüfung anhalten; was schon gemessen ist, bleibt</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>Check text</source>
        <translation>Prüftext</translation>
    </message>
    <message>
        <source>Texts (*.txt);;All files (*)</source>
        <translation>Texte (*.txt);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Tokens in a window; each window is scored on its own</source>
        <translation>Token je Fenster; jedes Fenster wird für sich bewertet</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>At most this many windows from the start of the text; 0 takes all</source>
        <translation>Höchstens so viele Fenster vom Anfang des Textes; 0 nimmt alle</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>&amp;Text</source>
        <translation>&amp;Text</translation>
    </message>
    <message>
        <source>C&amp;ontext</source>
        <translation>K&amp;ontext</translation>
    </message>
    <message>
        <source>&amp;Windows</source>
        <translation>&amp;Fenster</translation>
    </message>
    <message>
        <source>Latency of decoding</source>
        <translation>Latenz des Decodierens</translation>
    </message>
    <message>
        <source>Batch sizes</source>
        <translation>Batchgrößen</translation>
    </message>
    <message>
        <source>Sequences that are decoded at once: sizes from 1 to 4096 with commas between them</source>
        <translation>Folgen, die zugleich decodiert werden: Größen von 1 bis 4096, durch Kommas getrennt</translation>
    </message>
    <message>
        <source>Keys and values</source>
        <translation>Schlüssel und Werte</translation>
    </message>
    <message>
        <source>How keys and values of past tokens are kept; INT8 takes half the memory</source>
        <translation>Wie Schlüssel und Werte vergangener Token aufbewahrt werden; INT8 braucht halb so viel Speicher</translation>
    </message>
    <message>
        <source>FP16</source>
        <translation>FP16</translation>
    </message>
    <message>
        <source>INT8</source>
        <translation>INT8</translation>
    </message>
    <message>
        <source>Prompt</source>
        <translation>Prompt</translation>
    </message>
    <message>
        <source>Tokens that are there before the first step</source>
        <translation>Token, die vor dem ersten Schritt da sind</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Erzeugt</translation>
    </message>
    <message>
        <source>Steps that are timed</source>
        <translation>Schritte, die gemessen werden</translation>
    </message>
    <message>
        <source>&amp;Batch sizes</source>
        <translation>&amp;Batchgrößen</translation>
    </message>
    <message>
        <source>&amp;Keys and values</source>
        <translation>&amp;Schlüssel und Werte</translation>
    </message>
    <message>
        <source>&amp;Prompt tokens</source>
        <translation>&amp;Prompt-Token</translation>
    </message>
    <message>
        <source>G&amp;enerated tokens</source>
        <translation>&amp;Erzeugte Token</translation>
    </message>
    <message>
        <source>Only the statistics are open. Open the model they describe, or a quantized one.</source>
        <translation>Nur die Statistik ist offen. Öffnen Sie das Modell dazu oder ein quantisiertes.</translation>
    </message>
    <message>
        <source>Choose a text to measure the perplexity on.</source>
        <translation>Wählen Sie einen Text, auf dem die Perplexität gemessen wird.</translation>
    </message>
    <message>
        <source>Batch sizes are integers from 1 to 4096 with commas between them.</source>
        <translation>Batchgrößen sind ganze Zahlen von 1 bis 4096, durch Kommas getrennt.</translation>
    </message>
    <message>
        <source>Checks %1 as it is; quantize it to see both.</source>
        <translation>Prüft %1, wie es ist; quantisieren Sie es, um beide zu sehen.</translation>
    </message>
    <message>
        <source>Checks the checkpoint %1.</source>
        <translation>Prüft den Checkpoint %1.</translation>
    </message>
    <message>
        <source>Checks the checkpoint %1 beside %2.</source>
        <translation>Prüft den Checkpoint %1 neben %2.</translation>
    </message>
    <message>
        <source>GPU: not looked for yet</source>
        <translation>GPU: noch nicht gesucht</translation>
    </message>
    <message>
        <source>GPU: looking for one…</source>
        <translation>GPU: wird gesucht…</translation>
    </message>
    <message>
        <source>GPU: %1</source>
        <translation>GPU: %1</translation>
    </message>
    <message>
        <source>GPU: none to work with, so only the CPU can check. The reason: %1</source>
        <translation>GPU: keine, mit der sich arbeiten lässt, also kann nur die CPU prüfen. Der Grund: %1</translation>
    </message>
    <message>
        <source>Waiting for other jobs</source>
        <translation>Wartet auf andere Aufträge</translation>
    </message>
    <message>
        <source>The check is not complete: %1</source>
        <translation>Die Prüfung ist nicht vollständig: %1</translation>
    </message>
</context>
<context>
    <name>eigenquant::CheckResults</name>
    <message>
        <source>Before and after</source>
        <translation>Vorher und nachher</translation>
    </message>
    <message>
        <source>Quantized</source>
        <translation>Quantisiert</translation>
    </message>
    <message>
        <source>What computed the perplexity</source>
        <translation>Was die Perplexität berechnet hat</translation>
    </message>
    <message>
        <source>Conditions of the measurement</source>
        <translation>Bedingungen der Messung</translation>
    </message>
    <message>
        <source>Latency by batch size</source>
        <translation>Latenz nach Batchgröße</translation>
    </message>
    <message>
        <source>Float</source>
        <translation>Float</translation>
    </message>
    <message>
        <source>As planned</source>
        <translation>Wie geplant</translation>
    </message>
    <message>
        <source>%1: computed by %2</source>
        <translation>%1: berechnet von %2</translation>
    </message>
    <message>
        <source>%1, %2 activations, %3 keys and values, %4 tokens generated behind %5; medians over whole generations.</source>
        <translation>%1, Aktivierungen %2, Schlüssel und Werte %3, %4 Token erzeugt nach %5; Mediane über ganze Durchläufe.</translation>
    </message>
    <message>
        <source>Batch %1: %2 of a step in rotations.</source>
        <translation>Batch %1: %2 eines Schritts in Rotationen.</translation>
    </message>
    <message>
        <source>Caution: %1.</source>
        <translation>Vorsicht: %1.</translation>
    </message>
</context>
<context>
    <name>eigenquant::CheckTable</name>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
</context>
<context>
    <name>eigenquant::CompareDialog</name>
    <message>
        <source>Compare ways to quantize</source>
        <translation>Arten zu quantisieren vergleichen</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Widths with commas between them</source>
        <translation>Breiten, durch Kommas getrennt</translation>
    </message>
    <message>
        <source>K</source>
        <translation>K</translation>
    </message>
    <message>
        <source>Salient channels, as counts or fractions, with commas</source>
        <translation>Saliente Kanäle, als Anzahlen oder Brüche, durch Kommas getrennt</translation>
    </message>
    <message>
        <source>Group sizes</source>
        <translation>Gruppengrößen</translation>
    </message>
    <message>
        <source>Weights that share a scale, with commas</source>
        <translation>Gewichte, die sich eine Skala teilen, durch Kommas getrennt</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>Texts (*.txt);;All files (*)</source>
        <translation>Texte (*.txt);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Context</source>
        <translation>Kontext</translation>
    </message>
    <message>
        <source>Tokens in a window</source>
        <translation>Token je Fenster</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>At most so many windows of the text; 0 takes all</source>
        <translation>Höchstens so viele Fenster des Textes; 0 nimmt alle</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>&amp;Keep the checkpoints</source>
        <translation>Checkpoints &amp;behalten</translation>
    </message>
    <message>
        <source>So that decoding with them can be timed; they take room</source>
        <translation>Damit das Decodieren mit ihnen gemessen werden kann; sie brauchen Platz</translation>
    </message>
    <message>
        <source>Report folder</source>
        <translation>Berichtsordner</translation>
    </message>
    <message>
        <source>Methods</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>&amp;Bits</source>
        <translation>&amp;Bits</translation>
    </message>
    <message>
        <source>&amp;Group sizes</source>
        <translation>&amp;Gruppengrößen</translation>
    </message>
    <message>
        <source>&amp;Text</source>
        <translation>&amp;Text</translation>
    </message>
    <message>
        <source>C&amp;ontext</source>
        <translation>K&amp;ontext</translation>
    </message>
    <message>
        <source>&amp;Windows</source>
        <translation>&amp;Fenster</translation>
    </message>
    <message>
        <source>Report &amp;folder</source>
        <translation>Berichts&amp;ordner</translation>
    </message>
    <message>
        <source>A folder that holds rows already is gone on with: what is done there is not done again.</source>
        <translation>Ein Ordner, der schon Zeilen enthält, wird fortgesetzt: was dort fertig ist, wird nicht wiederholt.</translation>
    </message>
    <message>
        <source>&amp;Run</source>
        <translation>&amp;Ausführen</translation>
    </message>
</context>
<context>
    <name>eigenquant::EffectPanel</name>
    <message>
        <source>State of the measurement</source>
        <translation>Stand der Messung</translation>
    </message>
    <message>
        <source>&amp;Follow the plan</source>
        <translation>Dem Plan &amp;folgen</translation>
    </message>
    <message>
        <source>Measure the selected layer anew whenever its settings change</source>
        <translation>Die gewählte Schicht neu messen, sobald sich ihre Einstellungen ändern</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>&amp;Messen</translation>
    </message>
    <message>
        <source>Quantize this layer alone and run a short text through it and the layers behind it</source>
        <translation>Nur diese Schicht quantisieren und einen kurzen Text durch sie und die Schichten dahinter schicken</translation>
    </message>
    <message>
        <source>Error of its output</source>
        <translation>Fehler ihrer Ausgabe</translation>
    </message>
    <message>
        <source>Σ‖Δy‖² / Σ‖y‖² of what the layer adds to the residual stream</source>
        <translation>Σ‖Δy‖² / Σ‖y‖² dessen, was die Schicht zum Residualstrom beiträgt</translation>
    </message>
    <message>
        <source>KL, nats a token</source>
        <translation>KL, Nats je Token</translation>
    </message>
    <message>
        <source>KL(float ‖ this layer alone quantized) of the logits</source>
        <translation>KL(float ‖ nur diese Schicht quantisiert) der Logits</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>Of the short text, with this layer alone quantized</source>
        <translation>Des kurzen Textes, mit nur dieser Schicht quantisiert</translation>
    </message>
    <message>
        <source>Same top token</source>
        <translation>Gleiches oberstes Token</translation>
    </message>
    <message>
        <source>Share of tokens whose most likely next one stays the same</source>
        <translation>Anteil der Token, deren wahrscheinlichstes nächstes gleich bleibt</translation>
    </message>
    <message>
        <source>Effective bits</source>
        <translation>Effektive Bits</translation>
    </message>
    <message>
        <source>Over the layer&apos;s linears, rotations included</source>
        <translation>Über die linearen Teile der Schicht, samt Rotationen</translation>
    </message>
    <message>
        <source>Open the model that these statistics are of to measure a layer.</source>
        <translation>Öffnen Sie das Modell dieser Statistik, um eine Schicht zu messen.</translation>
    </message>
    <message>
        <source>The open statistics are of another model.</source>
        <translation>Die offene Statistik ist die eines anderen Modells.</translation>
    </message>
    <message>
        <source>Choose a text to measure on: File, Open text.</source>
        <translation>Wählen Sie einen Text zum Messen: Datei, Text öffnen.</translation>
    </message>
    <message>
        <source>Effect of layer %1 alone</source>
        <translation>Wirkung von Schicht %1 allein</translation>
    </message>
    <message>
        <source>measuring…</source>
        <translation>wird gemessen…</translation>
    </message>
    <message>
        <source>Not measured yet</source>
        <translation>Noch nicht gemessen</translation>
    </message>
    <message>
        <source>Its settings have changed since</source>
        <translation>Ihre Einstellungen haben sich seither geändert</translation>
    </message>
    <message>
        <source>Float perplexity %1, over %2 tokens; took %3</source>
        <translation>Float-Perplexität %1, über %2 Token; dauerte %3</translation>
    </message>
    <message>
        <source>A global rotation turns all layers together, so none can be measured alone: plan with the rotation &quot;per site&quot; for this, or quantize the whole and check it.</source>
        <translation>Eine globale Rotation dreht alle Schichten gemeinsam, daher lässt sich keine allein messen: Planen Sie dafür mit der Rotation „je Stelle“, oder quantisieren Sie das Ganze und prüfen Sie es.</translation>
    </message>
</context>
<context>
    <name>eigenquant::EnergyHeatmap</name>
    <message>
        <source>Energy by layer and dimension</source>
        <translation>Energie nach Schicht und Dimension</translation>
    </message>
    <message>
        <source>No statistics are open</source>
        <translation>Keine Statistik ist offen</translation>
    </message>
    <message>
        <source>These statistics hold channel norms only</source>
        <translation>Diese Statistik enthält nur Kanalnormen</translation>
    </message>
    <message>
        <source>log₁₀ (eigenvalue / mean)</source>
        <translation>log₁₀ (Eigenwert / Mittel)</translation>
    </message>
    <message>
        <source>Dimension, % of the width, by falling eigenvalue</source>
        <translation>Dimension, % der Breite, nach fallendem Eigenwert</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>site</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>dimension_percent</source>
        <translation>dimension_percent</translation>
    </message>
    <message>
        <source>log10_eigenvalue_over_mean</source>
        <translation>log10_eigenvalue_over_mean</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source> · dimension %1
eigenvalue %2</source>
        <translation> · Dimension %1
Eigenwert %2</translation>
    </message>
</context>
<context>
    <name>eigenquant::EnergyPlot</name>
    <message>
        <source>Energy before and after the rotation</source>
        <translation>Energie vor und nach der Drehung</translation>
    </message>
    <message>
        <source>These statistics have channel norms only, and no eigenvalues</source>
        <translation>Diese Statistik enthält nur Kanalnormen und keine Eigenwerte</translation>
    </message>
    <message>
        <source>No statistics are open</source>
        <translation>Keine Statistik ist offen</translation>
    </message>
    <message>
        <source>each one&apos;s energy, sorted</source>
        <translation>Energie jedes einzelnen, sortiert</translation>
    </message>
    <message>
        <source>Mean square</source>
        <translation>Mittleres Quadrat</translation>
    </message>
    <message>
        <source>what the first K hold together</source>
        <translation>was die ersten K zusammen halten</translation>
    </message>
    <message>
        <source>Share of the energy</source>
        <translation>Anteil an der Energie</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>rotated dimensions</source>
        <translation>gedrehte Dimensionen</translation>
    </message>
    <message>
        <source>original channels</source>
        <translation>ursprüngliche Kanäle</translation>
    </message>
    <message>
        <source>K = %1</source>
        <translation>K = %1</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>original</source>
        <translation>ursprünglich</translation>
    </message>
    <message>
        <source>rotated</source>
        <translation>gedreht</translation>
    </message>
    <message>
        <source>original_share</source>
        <translation>original_share</translation>
    </message>
    <message>
        <source>rotated_share</source>
        <translation>rotated_share</translation>
    </message>
</context>
<context>
    <name>eigenquant::ErrorPlot</name>
    <message>
        <source>Predicted error by layer</source>
        <translation>Vorhergesagter Fehler nach Schicht</translation>
    </message>
    <message>
        <source>No plan yet</source>
        <translation>Noch kein Plan</translation>
    </message>
    <message>
        <source>mean of the layer</source>
        <translation>Mittel der Schicht</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Predicted error ‖XΔW‖² / ‖XW‖²</source>
        <translation>Vorhergesagter Fehler ‖XΔW‖² / ‖XW‖²</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>site</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>predicted_error</source>
        <translation>predicted_error</translation>
    </message>
    <message>
        <source>effective_bits</source>
        <translation>effective_bits</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
</context>
<context>
    <name>eigenquant::GridPlot</name>
    <message>
        <source>Weights and their grid</source>
        <translation>Gewichte und ihr Gitter</translation>
    </message>
    <message>
        <source>No weights</source>
        <translation>Keine Gewichte</translation>
    </message>
    <message>
        <source>each weight goes to the nearest level</source>
        <translation>jedes Gewicht geht auf die nächste Stufe</translation>
    </message>
    <message>
        <source>weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>stored</source>
        <translation>gespeichert</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>what rounding does to each of them</source>
        <translation>was das Runden mit jedem von ihnen macht</translation>
    </message>
    <message>
        <source>Weight, by rising value</source>
        <translation>Gewicht, nach steigendem Wert</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>half a step</source>
        <translation>ein halber Schritt</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
</context>
<context>
    <name>eigenquant::GridSlide</name>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Outlier</source>
        <translation>Ausreißer</translation>
    </message>
    <message>
        <source>%1 σ</source>
        <translation>%1 σ</translation>
    </message>
    <message>
        <source>What quantization error is: weights on a grid</source>
        <translation>Was Quantisierungsfehler ist: Gewichte auf einem Gitter</translation>
    </message>
    <message>
        <source>A quantized weight is stored as a whole number of b bits. The weights of a group share one grid: 2ᵇ levels, evenly spread from the smallest weight to the largest.</source>
        <translation>Ein quantisiertes Gewicht wird als ganze Zahl von b Bit gespeichert. Die Gewichte einer Gruppe teilen sich ein Gitter: 2ᵇ Stufen, gleichmäßig vom kleinsten bis zum größten Gewicht.</translation>
    </message>
    <message>
        <source>Each weight moves by about half a step at most. But one large weight stretches the grid for all: the step grows, and the others lose what told them apart. One bit more halves the step.</source>
        <translation>Jedes Gewicht rückt höchstens etwa um einen halben Schritt. Aber ein einziges großes Gewicht dehnt das Gitter für alle: der Schritt wächst, und die anderen verlieren, was sie unterschied. Ein Bit mehr halbiert den Schritt.</translation>
    </message>
    <message>
        <source>Step s, in standard deviations</source>
        <translation>Schritt s, in Standardabweichungen</translation>
    </message>
    <message>
        <source>Mean squared error of the 31 ordinary weights</source>
        <translation>Mittlerer quadratischer Fehler der 31 gewöhnlichen Gewichte</translation>
    </message>
    <message>
        <source>Error of the group, relative</source>
        <translation>Fehler der Gruppe, relativ</translation>
    </message>
    <message>
        <source>The grid is the one that this program quantizes with: asymmetric, widened to hold 0, its step stored in FP16. The weights are made up: 31 in the shape of a bell, and one outlier.</source>
        <translation>Das Gitter ist das, mit dem dieses Programm quantisiert: asymmetrisch, auf die 0 erweitert, der Schritt in FP16 gespeichert. Die Gewichte sind erfunden: 31 in Glockenform und ein Ausreißer.</translation>
    </message>
    <message>
        <source>Rounding to a grid</source>
        <translation>Runden auf ein Gitter</translation>
    </message>
</context>
<context>
    <name>eigenquant::HelpWindow</name>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
</context>
<context>
    <name>eigenquant::JobRunner</name>
    <message>
        <source>There is not enough memory for this; close other programs or choose less text.</source>
        <translation>Der Speicher reicht dafür nicht; schließen Sie andere Programme oder wählen Sie weniger Text.</translation>
    </message>
    <message>
        <source>An unknown failure stopped the job.</source>
        <translation>Ein unbekannter Fehler hat den Auftrag beendet.</translation>
    </message>
    <message>
        <source>stopped on request</source>
        <translation>auf Wunsch angehalten</translation>
    </message>
</context>
<context>
    <name>eigenquant::JobsDock</name>
    <message>
        <source>Jobs</source>
        <translation>Aufträge</translation>
    </message>
    <message>
        <source>No job is running. Opening, analysing, quantizing and measuring show up here.</source>
        <translation>Kein Auftrag läuft. Öffnen, Analysieren, Quantisieren und Messen erscheinen hier.</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Progress of %1</source>
        <translation>Fortschritt von %1</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop this job; nothing is left behind</source>
        <translation>Diesen Auftrag anhalten; nichts bleibt zurück</translation>
    </message>
    <message>
        <source>Cancel %1</source>
        <translation>%1 abbrechen</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird angehalten…</translation>
    </message>
    <message>
        <source>%1: done in %2</source>
        <translation>%1: fertig in %2</translation>
    </message>
    <message>
        <source>%1: failed: %2</source>
        <translation>%1: gescheitert: %2</translation>
    </message>
    <message>
        <source>%1: cancelled</source>
        <translation>%1: abgebrochen</translation>
    </message>
</context>
<context>
    <name>eigenquant::JobsLine</name>
    <message>
        <source>waiting</source>
        <translation>wartet</translation>
    </message>
    <message>
        <source>%1: %2 of %3 %4</source>
        <translation>%1: %2 von %3 %4</translation>
    </message>
    <message>
        <source>about %1 left</source>
        <translation>noch etwa %1</translation>
    </message>
    <message>
        <source>Progress of the running job</source>
        <translation>Fortschritt des laufenden Auftrags</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Stop this job; nothing is left behind</source>
        <translation>Diesen Auftrag anhalten; nichts bleibt zurück</translation>
    </message>
    <message>
        <source>Jobs and log</source>
        <translation>Aufträge und Protokoll</translation>
    </message>
    <message>
        <source>Show all jobs and the log</source>
        <translation>Alle Aufträge und das Protokoll zeigen</translation>
    </message>
    <message>
        <source>Hide; View, Jobs brings it back</source>
        <translation>Ausblenden; Ansicht, Aufträge holt es zurück</translation>
    </message>
    <message>
        <source>Hide the jobs</source>
        <translation>Die Aufträge ausblenden</translation>
    </message>
    <message>
        <source>No job is running</source>
        <translation>Kein Auftrag läuft</translation>
    </message>
    <message>
        <source>%1 more</source>
        <translation>%1 weitere</translation>
    </message>
    <message>
        <source>Cancel %1</source>
        <translation>%1 abbrechen</translation>
    </message>
</context>
<context>
    <name>eigenquant::KeptPlot</name>
    <message>
        <source>What stays in 16 bits</source>
        <translation>Was in 16 Bit bleibt</translation>
    </message>
    <message>
        <source>Not measured yet</source>
        <translation>Noch nicht gemessen</translation>
    </message>
    <message>
        <source>Perplexity (lower is better)</source>
        <translation>Perplexität (weniger ist besser)</translation>
    </message>
    <message>
        <source>model in 16 or 32 bits: %1</source>
        <translation>Modell in 16 oder 32 Bit: %1</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>behalten</translation>
    </message>
    <message>
        <source>perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>stderr</source>
        <translation>stderr</translation>
    </message>
    <message>
        <source>weight_bits</source>
        <translation>weight_bits</translation>
    </message>
</context>
<context>
    <name>eigenquant::KeptSlide</name>
    <message>
        <source>not turned, none kept</source>
        <translation>nicht gedreht, keine behalten</translation>
    </message>
    <message>
        <source>turned, none kept</source>
        <translation>gedreht, keine behalten</translation>
    </message>
    <message>
        <source>turned, bottom K</source>
        <translation>gedreht, unterste K</translation>
    </message>
    <message>
        <source>turned, random K</source>
        <translation>gedreht, zufällige K</translation>
    </message>
    <message>
        <source>turned, top K</source>
        <translation>gedreht, oberste K</translation>
    </message>
    <message>
        <source>turned, both ends</source>
        <translation>gedreht, beide Enden</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>What the other dimensions are rounded to</source>
        <translation>Worauf die anderen Dimensionen gerundet werden</translation>
    </message>
    <message>
        <source>Windows</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>Windows of %1 tokens of the check text to score</source>
        <translation>Fenster zu %1 Token des Prüftextes, die bewertet werden</translation>
    </message>
    <message>
        <source>Measure on this model</source>
        <translation>An diesem Modell messen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Measured here: %1, %2 bits, groups of %3, K = d/32, %4 windows of %5 tokens of %6.</source>
        <translation>Hier gemessen: %1, %2 Bit, Gruppen von %3, K = d/32, %4 Fenster zu %5 Token aus %6.</translation>
    </message>
    <message>
        <source>Measure which dimensions to keep</source>
        <translation>Messen, welche Dimensionen zu behalten sind</translation>
    </message>
    <message>
        <source>Not measured: %1</source>
        <translation>Nicht gemessen: %1</translation>
    </message>
    <message>
        <source>stopped on request</source>
        <translation>auf Wunsch angehalten</translation>
    </message>
    <message>
        <source>Measuring: %1 of %2</source>
        <translation>Messung: %1 von %2</translation>
    </message>
    <message>
        <source>Open a model, its statistics and a text to measure.</source>
        <translation>Öffnen Sie ein Modell, seine Statistik und einen Text, um zu messen.</translation>
    </message>
    <message>
        <source>Which dimensions to keep in 16 bits</source>
        <translation>Welche Dimensionen in 16 Bit bleiben sollen</translation>
    </message>
    <message>
        <source>K of d dimensions may stay in 16 bits. Each choice of K costs the same storage, and rounds the rest alike. What differs is the energy of what is rounded:</source>
        <translation>K von d Dimensionen dürfen in 16 Bit bleiben. Jede Wahl von K kostet gleich viel Speicher und rundet den Rest gleich. Verschieden ist die Energie dessen, was gerundet wird:</translation>
    </message>
    <message>
        <source>Keeping the top removes the largest λ from the sum. Keeping the bottom, or any at random, removes next to nothing, and all of the energy that the rotation gathered in a few dimensions meets rounded weights: that can be worse than no rotation at all.</source>
        <translation>Die obersten zu behalten nimmt die größten λ aus der Summe. Die unterste oder zufällige zu behalten nimmt fast nichts heraus, und alle Energie, die die Drehung in wenigen Dimensionen gesammelt hat, trifft auf gerundete Gewichte: das kann schlechter sein als gar keine Drehung.</translation>
    </message>
    <message>
        <source>The experiment is ROSAQ&apos;s, arXiv 2506.13472: there, Llama-2-7B has 5.57 (top), 5.58 (top and bottom), 6.59 (random), 6.63 (bottom) and 5.73 without a rotation.</source>
        <translation>Der Versuch stammt von ROSAQ, arXiv 2506.13472: dort hat Llama-2-7B 5.57 (oberste), 5.58 (oberste und unterste), 6.59 (zufällige), 6.63 (unterste) und 5.73 ohne Drehung.</translation>
    </message>
    <message>
        <source>Which dimensions to keep</source>
        <translation>Welche Dimensionen bleiben</translation>
    </message>
</context>
<context>
    <name>eigenquant::LatencyPlot</name>
    <message>
        <source>the device&apos;s limit</source>
        <translation>Grenze des Geräts</translation>
    </message>
    <message>
        <source>the model as it is</source>
        <translation>das Modell, wie es ist</translation>
    </message>
    <message>
        <source>%1, %2 bits</source>
        <translation>%1, %2 Bit</translation>
    </message>
    <message>
        <source>Time of a decoding step</source>
        <translation>Zeit eines Decodierschritts</translation>
    </message>
    <message>
        <source>Logarithmic</source>
        <translation>Logarithmisch</translation>
    </message>
    <message>
        <source>Logarithmic times, for batch sizes that lie far apart</source>
        <translation>Logarithmische Zeiten, für weit auseinanderliegende Batchgrößen</translation>
    </message>
    <message>
        <source>Not measured yet</source>
        <translation>Noch nicht gemessen</translation>
    </message>
    <message>
        <source>FP16 linears</source>
        <translation>FP16-Schichten</translation>
    </message>
    <message>
        <source>Batch size</source>
        <translation>Batchgröße</translation>
    </message>
    <message>
        <source>ms a step</source>
        <translation>ms je Schritt</translation>
    </message>
    <message>
        <source>batch</source>
        <translation>batch</translation>
    </message>
    <message>
        <source>ms_per_step</source>
        <translation>ms_per_step</translation>
    </message>
    <message>
        <source>tokens_per_second</source>
        <translation>tokens_per_second</translation>
    </message>
    <message>
        <source>baseline_ms_per_step</source>
        <translation>baseline_ms_per_step</translation>
    </message>
    <message>
        <source>speedup</source>
        <translation>speedup</translation>
    </message>
    <message>
        <source>roofline_ms</source>
        <translation>roofline_ms</translation>
    </message>
    <message>
        <source>roofline_share</source>
        <translation>roofline_share</translation>
    </message>
    <message>
        <source>gpu_bytes</source>
        <translation>gpu_bytes</translation>
    </message>
    <message>
        <source>prompt_ms</source>
        <translation>prompt_ms</translation>
    </message>
    <message>
        <source>kv</source>
        <translation>kv</translation>
    </message>
    <message>
        <source>kernel</source>
        <translation>kernel</translation>
    </message>
</context>
<context>
    <name>eigenquant::LatencyTable</name>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
</context>
<context>
    <name>eigenquant::LessonView</name>
    <message>
        <source>Lesson</source>
        <translation>Lektion</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>Schritte</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>To the step before (Left, Page Up)</source>
        <translation>Zum vorigen Schritt (Links, Bild auf)</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>To the next step (Right, Page Down)</source>
        <translation>Zum nächsten Schritt (Rechts, Bild ab)</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Shows the lesson on the whole screen (F5); Esc ends it</source>
        <translation>Zeigt die Lektion auf dem ganzen Bildschirm (F5); Esc beendet sie</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Save slides as images, drawings or a document</source>
        <translation>Folien als Bilder, Zeichnungen oder Dokument speichern</translation>
    </message>
    <message>
        <source>This slide as &amp;PNG…</source>
        <translation>Diese Folie als &amp;PNG…</translation>
    </message>
    <message>
        <source>This slide as &amp;SVG…</source>
        <translation>Diese Folie als &amp;SVG…</translation>
    </message>
    <message>
        <source>This slide as P&amp;DF…</source>
        <translation>Diese Folie als P&amp;DF…</translation>
    </message>
    <message>
        <source>&amp;All slides as one PDF…</source>
        <translation>&amp;Alle Folien als ein PDF…</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>End (Esc)</source>
        <translation>Ende (Esc)</translation>
    </message>
    <message>
        <source>Save the slide</source>
        <translation>Folie speichern</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1-Dateien (*.%2)</translation>
    </message>
    <message>
        <source>The slide was not saved</source>
        <translation>Die Folie wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>Save the slides</source>
        <translation>Folien speichern</translation>
    </message>
    <message>
        <source>PDF files (*.pdf)</source>
        <translation>PDF-Dateien (*.pdf)</translation>
    </message>
    <message>
        <source>The slides were not saved</source>
        <translation>Die Folien wurden nicht gespeichert</translation>
    </message>
</context>
<context>
    <name>eigenquant::MainWindow</name>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>Open something</source>
        <translation>Etwas öffnen</translation>
    </message>
    <message>
        <source>Text: %1</source>
        <translation>Text: %1</translation>
    </message>
    <message>
        <source>The project cannot be opened</source>
        <translation>Das Projekt lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Not all of the project could be opened</source>
        <translation>Nicht alles im Projekt ließ sich öffnen</translation>
    </message>
    <message>
        <source>Save the project</source>
        <translation>Projekt speichern</translation>
    </message>
    <message>
        <source>Projects (*.eigenquant)</source>
        <translation>Projekte (*.eigenquant)</translation>
    </message>
    <message>
        <source>Saved %1</source>
        <translation>%1 gespeichert</translation>
    </message>
    <message>
        <source>The project was not saved</source>
        <translation>Das Projekt wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>A job is running</source>
        <translation>Ein Auftrag läuft</translation>
    </message>
    <message>
        <source>%1 is still running. Stop it? Nothing it was writing is left behind.</source>
        <translation>%1 läuft noch. Anhalten? Nichts Halbes bleibt davon zurück.</translation>
    </message>
    <message>
        <source>Recovery</source>
        <translation>Wiederherstellung</translation>
    </message>
    <message>
        <source>The studio did not end in order the last time, and there were unsaved changes. Go on where it was?</source>
        <translation>Das Studio wurde zuletzt nicht ordentlich beendet, und es gab ungespeicherte Änderungen. Dort weitermachen?</translation>
    </message>
    <message>
        <source>Eigenquant Studio</source>
        <translation>Eigenquant Studio</translation>
    </message>
    <message>
        <source>%1[*] — Eigenquant Studio</source>
        <translation>%1[*] — Eigenquant Studio</translation>
    </message>
    <message>
        <source>Closing stops the running job. Nothing it was writing is left behind.</source>
        <translation>Schließen hält den laufenden Auftrag an. Nichts Halbes bleibt davon zurück.</translation>
    </message>
    <message>
        <source>There are unsaved changes</source>
        <translation>Es gibt ungespeicherte Änderungen</translation>
    </message>
    <message>
        <source>Close without saving the project?</source>
        <translation>Schließen, ohne das Projekt zu speichern?</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>Open &amp;recent</source>
        <translation>&amp;Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>&amp;Beenden</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>Noch nichts</translation>
    </message>
    <message>
        <source>&amp;Clear this list</source>
        <translation>Liste &amp;leeren</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>&amp;Modell</translation>
    </message>
    <message>
        <source>&amp;Device</source>
        <translation>&amp;Gerät</translation>
    </message>
    <message>
        <source>Where the model runs</source>
        <translation>Wo das Modell läuft</translation>
    </message>
    <message>
        <source>&amp;Automatic</source>
        <translation>&amp;Automatisch</translation>
    </message>
    <message>
        <source>&amp;CPU</source>
        <translation>&amp;CPU</translation>
    </message>
    <message>
        <source>&amp;GPU (CUDA)</source>
        <translation>&amp;GPU (CUDA)</translation>
    </message>
    <message>
        <source>&amp;Stop all jobs</source>
        <translation>Alle Aufträge &amp;anhalten</translation>
    </message>
    <message>
        <source>Ctrl+.</source>
        <translation>Ctrl+.</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Theme</source>
        <translation>&amp;Farben</translation>
    </message>
    <message>
        <source>&amp;System</source>
        <translation>&amp;System</translation>
    </message>
    <message>
        <source>&amp;Light</source>
        <translation>&amp;Hell</translation>
    </message>
    <message>
        <source>&amp;Dark</source>
        <translation>&amp;Dunkel</translation>
    </message>
    <message>
        <source>&amp;Language</source>
        <translation>&amp;Sprache</translation>
    </message>
    <message>
        <source>&amp;Reset layout</source>
        <translation>Anordnung &amp;zurücksetzen</translation>
    </message>
    <message>
        <source>&amp;Full screen</source>
        <translation>&amp;Vollbild</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>&amp;Contents</source>
        <translation>&amp;Inhalt</translation>
    </message>
    <message>
        <source>&amp;About Eigenquant Studio</source>
        <translation>&amp;Über Eigenquant Studio</translation>
    </message>
    <message>
        <source>About &amp;Qt</source>
        <translation>Über &amp;Qt</translation>
    </message>
    <message>
        <source>The language changes when the studio is started again.</source>
        <translation>Die Sprache wechselt beim nächsten Start des Studios.</translation>
    </message>
</context>
<context>
    <name>eigenquant::OutlierPlot</name>
    <message>
        <source>Outliers before and after the rotation</source>
        <translation>Ausreißer vor und nach der Drehung</translation>
    </message>
    <message>
        <source>No statistics for this site</source>
        <translation>Keine Statistik für diese Stelle</translation>
    </message>
    <message>
        <source>RMS magnitude</source>
        <translation>RMS-Betrag</translation>
    </message>
    <message>
        <source>original channels</source>
        <translation>ursprüngliche Kanäle</translation>
    </message>
    <message>
        <source>Channel index</source>
        <translation>Kanalnummer</translation>
    </message>
    <message>
        <source>after the PCA rotation</source>
        <translation>nach der PCA-Drehung</translation>
    </message>
    <message>
        <source>Dimension index, by falling eigenvalue</source>
        <translation>Dimension, nach fallendem Eigenwert</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>site</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>index</source>
        <translation>Nummer</translation>
    </message>
    <message>
        <source>No eigenvalues were measured</source>
        <translation>Keine Eigenwerte gemessen</translation>
    </message>
    <message>
        <source>channel %1
%2</source>
        <translation>Kanal %1
%2</translation>
    </message>
    <message>
        <source>dimension %1
%2</source>
        <translation>Dimension %1
%2</translation>
    </message>
    <message>
        <source>original_%1</source>
        <translation>original_%1</translation>
    </message>
    <message>
        <source>rotated_%1</source>
        <translation>rotated_%1</translation>
    </message>
</context>
<context>
    <name>eigenquant::OutlierTable</name>
    <message>
        <source>Channel</source>
        <translation>Kanal</translation>
    </message>
</context>
<context>
    <name>eigenquant::OutliersPage</name>
    <message>
        <source>Number of marked channels</source>
        <translation>Anzahl markierter Kanäle</translation>
    </message>
    <message>
        <source>How many of the strongest channels are marked and listed</source>
        <translation>Wie viele der stärksten Kanäle markiert und aufgeführt werden</translation>
    </message>
    <message>
        <source>Strongest original channels</source>
        <translation>Stärkste ursprüngliche Kanäle</translation>
    </message>
    <message>
        <source>&amp;Strongest</source>
        <translation>&amp;Stärkste</translation>
    </message>
    <message>
        <source>T&amp;oken by token</source>
        <translation>T&amp;oken für Token</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>M&amp;aß</translation>
    </message>
    <message>
        <source>Measure of a channel&apos;s strength</source>
        <translation>Maß für die Stärke eines Kanals</translation>
    </message>
    <message>
        <source>What the channels are drawn and ranked by</source>
        <translation>Wonach die Kanäle gezeichnet und gereiht werden</translation>
    </message>
    <message>
        <source>the whole text</source>
        <translation>den ganzen Text</translation>
    </message>
    <message>
        <source>the tokens read</source>
        <translation>die gelesenen Token</translation>
    </message>
    <message>
        <source>o&amp;ver</source>
        <translation>ü&amp;ber</translation>
    </message>
    <message>
        <source>Tokens that are measured</source>
        <translation>Token, die gemessen werden</translation>
    </message>
    <message>
        <source>The whole calibration text, or the tokens read below, of which the rotated maxima and kurtosis are known too</source>
        <translation>Der ganze Kalibriertext oder die unten gelesenen Token, von denen auch die gedrehten Maxima und die Kurtosis bekannt sind</translation>
    </message>
    <message>
        <source>Mar&amp;k</source>
        <translation>Mar&amp;kieren</translation>
    </message>
    <message>
        <source>&amp;Log</source>
        <translation>&amp;Log</translation>
    </message>
    <message>
        <source>Logarithmic axis</source>
        <translation>Logarithmische Achse</translation>
    </message>
    <message>
        <source>Dimension</source>
        <translation>Dimension</translation>
    </message>
    <message>
        <source>Strongest rotated dimensions</source>
        <translation>Stärkste gedrehte Dimensionen</translation>
    </message>
    <message>
        <source>Read the channels&apos; kurtosis</source>
        <translation>Die Kurtosis der Kanäle lesen</translation>
    </message>
    <message>
        <source>Statistics hold the mean squares after the rotation alone.
Read tokens below, and choose them above.</source>
        <translation>Die Statistik enthält nach der Drehung nur mittlere Quadrate.
Lesen Sie unten Token, und wählen Sie sie oben.</translation>
    </message>
    <message>
        <source>No eigenvalues were measured</source>
        <translation>Keine Eigenwerte gemessen</translation>
    </message>
    <message>
        <source>These statistics are from before the kurtosis was measured.
Analyse the text again.</source>
        <translation>Diese Statistik stammt aus der Zeit, bevor die Kurtosis gemessen wurde.
Analysieren Sie den Text erneut.</translation>
    </message>
    <message>
        <source>%1 of %2, over %3 tokens</source>
        <translation>%1 von %2, über %3 Token</translation>
    </message>
    <message>
        <source>&amp;Worst outliers</source>
        <translation>Schlimmste A&amp;usreißer</translation>
    </message>
    <message>
        <source>Goes to the site whose strongest channel holds the largest share of the energy</source>
        <translation>Geht zu der Stelle, deren stärkster Kanal den größten Anteil der Energie hält</translation>
    </message>
    <message>
        <source>To keep more of this site in 16 bits, give it a larger K: type it in Budgets, or drag the line in Spectra. Both stay at the site that is chosen here.</source>
        <translation>Damit mehr von dieser Stelle in 16 Bit bleibt, geben Sie ihr ein größeres K: unter Budgets durch Tippen, unter Spektren durch Ziehen der Linie. Beide zeigen die Stelle, die hier gewählt ist.</translation>
    </message>
</context>
<context>
    <name>eigenquant::OverviewPage</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Calibrated on</source>
        <translation>Kalibriert mit</translation>
    </message>
    <message>
        <source>Effective bits</source>
        <translation>Effektive Bits</translation>
    </message>
    <message>
        <source>of these, rotations</source>
        <translation>davon Rotationen</translation>
    </message>
    <message>
        <source>Size of the linears</source>
        <translation>Größe der linearen Schichten</translation>
    </message>
    <message>
        <source>Predicted error</source>
        <translation>Vorhergesagter Fehler</translation>
    </message>
    <message>
        <source>Predicted KL</source>
        <translation>Vorhergesagte KL</translation>
    </message>
    <message>
        <source>KL(float ‖ quantized), nats a token, expected from the statistics</source>
        <translation>KL(float ‖ quantisiert) in Nats je Token, aus der Statistik erwartet</translation>
    </message>
    <message>
        <source>Site of the heat map</source>
        <translation>Stelle der Heatmap</translation>
    </message>
    <message>
        <source>Click a layer in either plot to look at it on the other pages.</source>
        <translation>Klicken Sie in einem der Diagramme auf eine Schicht, um sie auf den anderen Seiten zu sehen.</translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation>%1 Token</translation>
    </message>
    <message>
        <source>%1: %2 windows of %3 tokens</source>
        <translation>%1: %2 Fenster zu %3 Token</translation>
    </message>
    <message>
        <source>%1 tokens, too few</source>
        <translation>%1 Token, zu wenige</translation>
    </message>
</context>
<context>
    <name>eigenquant::Page</name>
    <message>
        <source>Nothing to show here</source>
        <translation>Hier gibt es nichts zu zeigen</translation>
    </message>
    <message>
        <source>Nothing is open yet</source>
        <translation>Noch ist nichts offen</translation>
    </message>
    <message>
        <source>Open a model to analyse it, or the statistics of an earlier analysis. Files and folders can also be dropped on the window.</source>
        <translation>Öffnen Sie ein Modell, um es zu analysieren, oder die Statistik einer früheren Analyse. Dateien und Ordner lassen sich auch auf das Fenster ziehen.</translation>
    </message>
    <message>
        <source>%1 is open</source>
        <translation>%1 ist offen</translation>
    </message>
    <message>
        <source>%1 with %2 layers, %3 channels wide, %4 parameters, from %5.

Analyse it on a calibration text to see its spectra and outliers and to plan its bits. This takes one pass over the text.</source>
        <translation>%1 mit %2 Schichten, %3 Kanäle breit, %4 Parameter, aus %5.

Analysieren Sie es mit einem Kalibriertext, um seine Spektren und Ausreißer zu sehen und seine Bits zu planen. Das braucht einen Durchlauf durch den Text.</translation>
    </message>
    <message>
        <source>%1 is being analysed</source>
        <translation>%1 wird analysiert</translation>
    </message>
    <message>
        <source>%1

The pages fill when it is done.</source>
        <translation>%1

Die Seiten füllen sich, wenn sie fertig ist.</translation>
    </message>
</context>
<context>
    <name>eigenquant::ParetoPlot</name>
    <message>
        <source>Perplexity against effective bits</source>
        <translation>Perplexität gegen effektive Bits</translation>
    </message>
    <message>
        <source>Count rotations</source>
        <translation>Rotationen zählen</translation>
    </message>
    <message>
        <source>Count the bits of rotations that are applied at run time; unticked, those of the weights alone</source>
        <translation>Die Bits der Rotationen zur Laufzeit mitzählen; ohne Haken nur die der Gewichte</translation>
    </message>
    <message>
        <source>No variant yet: open a comparison, or run one</source>
        <translation>Noch keine Variante: öffnen Sie einen Vergleich, oder führen Sie einen durch</translation>
    </message>
    <message>
        <source>Effective bits a weight, all that is needed at run time</source>
        <translation>Effektive Bits je Gewicht, alles, was zur Laufzeit nötig ist</translation>
    </message>
    <message>
        <source>Bits a weight, without run-time rotations</source>
        <translation>Bits je Gewicht, ohne Rotationen zur Laufzeit</translation>
    </message>
    <message>
        <source>Perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>Pareto line</source>
        <translation>Pareto-Linie</translation>
    </message>
    <message>
        <source>float, %1</source>
        <translation>float, %1</translation>
    </message>
    <message>
        <source>%1: %2 at %3 bits</source>
        <translation>%1: %2 bei %3 Bit</translation>
    </message>
    <message>
        <source>report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>effective_bits</source>
        <translation>effective_bits</translation>
    </message>
    <message>
        <source>perplexity</source>
        <translation>Perplexität</translation>
    </message>
    <message>
        <source>stderr</source>
        <translation>stderr</translation>
    </message>
    <message>
        <source>kl</source>
        <translation>kl</translation>
    </message>
    <message>
        <source>bytes</source>
        <translation>bytes</translation>
    </message>
    <message>
        <source>pareto</source>
        <translation>pareto</translation>
    </message>
</context>
<context>
    <name>eigenquant::PathField</name>
    <message>
        <source>Choose…</source>
        <translation>Wählen…</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Choose a file</source>
        <translation>Datei wählen</translation>
    </message>
    <message>
        <source>Choose: %1</source>
        <translation>Wählen: %1</translation>
    </message>
    <message>
        <source>Name the folder to make</source>
        <translation>Den neuen Ordner benennen</translation>
    </message>
</context>
<context>
    <name>eigenquant::PlanDifferenceTable</name>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
</context>
<context>
    <name>eigenquant::PlanDocument</name>
    <message>
        <source>The plan is for a model of %1 sites, the open statistics for one of %2; open the statistics that the plan was made for.</source>
        <translation>Der Plan ist für ein Modell mit %1 Stellen, die offene Statistik für eines mit %2; öffnen Sie die Statistik, für die der Plan gemacht wurde.</translation>
    </message>
    <message>
        <source>change K</source>
        <translation>K ändern</translation>
    </message>
    <message>
        <source>change bits</source>
        <translation>Bits ändern</translation>
    </message>
    <message>
        <source>lock</source>
        <translation>sperren</translation>
    </message>
    <message>
        <source>unlock</source>
        <translation>freigeben</translation>
    </message>
    <message>
        <source>plan %1 sites anew</source>
        <translation>%1 Stellen neu planen</translation>
    </message>
    <message>
        <source>change groups</source>
        <translation>Gruppen ändern</translation>
    </message>
</context>
<context>
    <name>eigenquant::PlanEditor</name>
    <message>
        <source>Plan from settings</source>
        <translation>Aus Einstellungen planen</translation>
    </message>
    <message>
        <source>Plan only the selected rows anew; with target bits, bring the whole plan to the target by them alone</source>
        <translation>Nur die gewählten Zeilen neu planen; mit Zielbits den ganzen Plan allein durch sie ans Ziel bringen</translation>
    </message>
    <message>
        <source>Apply to all</source>
        <translation>Auf alle anwenden</translation>
    </message>
    <message>
        <source>Plan every site anew from these settings; locked ones stay</source>
        <translation>Jede Stelle aus diesen Einstellungen neu planen; gesperrte bleiben</translation>
    </message>
    <message>
        <source>How the linears are quantized</source>
        <translation>Wie die linearen Schichten quantisiert werden</translation>
    </message>
    <message>
        <source>Width of the codes; CMPQ and ETQ take fractions, for a mean</source>
        <translation>Breite der Codes; CMPQ und ETQ nehmen Brüche, als Mittel</translation>
    </message>
    <message>
        <source>Weights of a row that share a scale</source>
        <translation>Gewichte einer Zeile, die sich eine Skala teilen</translation>
    </message>
    <message>
        <source>Nearest value, or GPTQ: later columns make up for rounding errors</source>
        <translation>Nächster Wert, oder GPTQ: spätere Spalten gleichen Rundungsfehler aus</translation>
    </message>
    <message>
        <source>Symmetric grid</source>
        <translation>Symmetrisches Gitter</translation>
    </message>
    <message>
        <source>No zero point</source>
        <translation>Kein Nullpunkt</translation>
    </message>
    <message>
        <source>Activation order</source>
        <translation>Nach Aktivierung ordnen</translation>
    </message>
    <message>
        <source>GPTQ takes the columns by falling energy</source>
        <translation>GPTQ nimmt die Spalten nach fallender Energie</translation>
    </message>
    <message>
        <source>Clip ranges</source>
        <translation>Bereiche begrenzen</translation>
    </message>
    <message>
        <source>AWQ clips each group&apos;s range for the least output error</source>
        <translation>AWQ begrenzt den Bereich jeder Gruppe auf den kleinsten Ausgabefehler</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>Verfahren</translation>
    </message>
    <message>
        <source>Bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>Effective bits over all linears, rotations included</source>
        <translation>Effektive Bits über alle linearen Schichten, samt Rotationen</translation>
    </message>
    <message>
        <source>Target bits</source>
        <translation>Zielbits</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>Rounding</source>
        <translation>Rundung</translation>
    </message>
    <message>
        <source>Each site its own rotation, or one for the residual stream, merged into the weights</source>
        <translation>Jeder Stelle ihre Rotation, oder eine für den Residualstrom, in die Gewichte gemischt</translation>
    </message>
    <message>
        <source>Where rotations come from: the eigenvectors of XᵀX, a random orthogonal matrix, a Hadamard matrix with random signs, or nowhere</source>
        <translation>Woher Rotationen kommen: die Eigenvektoren von XᵀX, eine zufällige orthogonale Matrix, eine Hadamard-Matrix mit zufälligen Vorzeichen, oder keine</translation>
    </message>
    <message>
        <source>How the input of o is treated; head by head costs nothing at run time</source>
        <translation>Wie der Eingang von o behandelt wird; Kopf für Kopf kostet zur Laufzeit nichts</translation>
    </message>
    <message>
        <source>How the input of down is treated</source>
        <translation>Wie der Eingang von down behandelt wird</translation>
    </message>
    <message>
        <source>Channels that stay FP16: a count such as 16, or a fraction such as 1/32</source>
        <translation>Kanäle, die FP16 bleiben: eine Anzahl wie 16 oder ein Bruch wie 1/32</translation>
    </message>
    <message>
        <source>Which dimensions of the basis stay FP16</source>
        <translation>Welche Dimensionen der Basis FP16 bleiben</translation>
    </message>
    <message>
        <source>Mix the rest</source>
        <translation>Rest mischen</translation>
    </message>
    <message>
        <source>A random rotation inside the dimensions that are not salient</source>
        <translation>Eine zufällige Drehung innerhalb der nicht salienten Dimensionen</translation>
    </message>
    <message>
        <source>Rotation</source>
        <translation>Rotation</translation>
    </message>
    <message>
        <source>Basis</source>
        <translation>Basis</translation>
    </message>
    <message>
        <source>attn_out</source>
        <translation>attn_out</translation>
    </message>
    <message>
        <source>mlp_out</source>
        <translation>mlp_out</translation>
    </message>
    <message>
        <source>K</source>
        <translation>K</translation>
    </message>
    <message>
        <source>Stay FP16</source>
        <translation>Bleiben FP16</translation>
    </message>
    <message>
        <source>Weights with the largest |w|·‖x‖ stay FP16; taken out before the codebooks are made</source>
        <translation>Gewichte mit dem größten |w|·‖x‖ bleiben FP16; herausgenommen, bevor die Codebücher gemacht werden</translation>
    </message>
    <message>
        <source>Weights with the largest squared error·‖x‖² stay FP16; taken out after the codebooks are made</source>
        <translation>Gewichte mit dem größten quadratischen Fehler·‖x‖² bleiben FP16; herausgenommen, nachdem die Codebücher gemacht sind</translation>
    </message>
    <message>
        <source>4 and 2 bits between 2 and 3</source>
        <translation>4 und 2 Bit zwischen 2 und 3</translation>
    </message>
    <message>
        <source>A mean between 2 and 3 mixes channels of 4 and 2 bits, in place of 3 and 2</source>
        <translation>Ein Mittel zwischen 2 und 3 mischt Kanäle mit 4 und 2 Bit statt 3 und 2</translation>
    </message>
    <message>
        <source>Activation outliers</source>
        <translation>Ausreißer nach Aktivierung</translation>
    </message>
    <message>
        <source>Quantization outliers</source>
        <translation>Ausreißer nach Quantisierung</translation>
    </message>
    <message>
        <source>Bits and K are chosen for this many effective bits</source>
        <translation>Bits und K werden für so viele effektive Bits gewählt</translation>
    </message>
    <message>
        <source>These statistics hold no Fisher information at the linears&apos; outputs, without which nothing says where bits matter</source>
        <translation>Dieser Statistik fehlt die Fisher-Information an den Ausgängen der linearen Schichten; ohne sie sagt nichts, wo Bits zählen</translation>
    </message>
    <message>
        <source>whole row</source>
        <translation>ganze Zeile</translation>
    </message>
    <message>
        <source>Apply to selected rows (%1)</source>
        <translation>Auf gewählte Zeilen anwenden (%1)</translation>
    </message>
    <message>
        <source>Apply to selected rows</source>
        <translation>Auf gewählte Zeilen anwenden</translation>
    </message>
    <message>
        <source>Bits and K of each linear are chosen for the least expected KL at this many bits</source>
        <translation>Bits und K jeder linearen Schicht werden für die kleinste erwartete KL bei so vielen Bits gewählt</translation>
    </message>
</context>
<context>
    <name>eigenquant::PlanePlot</name>
    <message>
        <source>Two channels and a turned pair of axes</source>
        <translation>Zwei Kanäle und ein gedrehtes Achsenpaar</translation>
    </message>
    <message>
        <source>No tokens</source>
        <translation>Keine Token</translation>
    </message>
    <message>
        <source>one dot a token</source>
        <translation>ein Punkt je Token</translation>
    </message>
    <message>
        <source>axis %1</source>
        <translation>Achse %1</translation>
    </message>
    <message>
        <source>energy in each axis</source>
        <translation>Energie in jeder Achse</translation>
    </message>
    <message>
        <source>axis 1</source>
        <translation>Achse 1</translation>
    </message>
    <message>
        <source>axis 2</source>
        <translation>Achse 2</translation>
    </message>
    <message>
        <source>Mean square</source>
        <translation>Mittleres Quadrat</translation>
    </message>
    <message>
        <source>sum</source>
        <translation>Summe</translation>
    </message>
    <message>
        <source>axis_1</source>
        <translation>axis_1</translation>
    </message>
    <message>
        <source>axis_2</source>
        <translation>axis_2</translation>
    </message>
</context>
<context>
    <name>eigenquant::PlaneSlide</name>
    <message>
        <source>Angle</source>
        <translation>Winkel</translation>
    </message>
    <message>
        <source>Turn</source>
        <translation>Drehen</translation>
    </message>
    <message>
        <source>Turns the axes slowly, until it is pressed again</source>
        <translation>Dreht die Achsen langsam, bis es wieder gedrückt wird</translation>
    </message>
    <message>
        <source>Principal axes</source>
        <translation>Hauptachsen</translation>
    </message>
    <message>
        <source>Turns to the eigenvectors of the second moment</source>
        <translation>Dreht auf die Eigenvektoren des zweiten Moments</translation>
    </message>
    <message>
        <source>First channel</source>
        <translation>Erster Kanal</translation>
    </message>
    <message>
        <source>Second channel</source>
        <translation>Zweiter Kanal</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <source>Read tokens of the model</source>
        <translation>Token des Modells lesen</translation>
    </message>
    <message>
        <source>Runs %1 tokens of the text through the model up to this site</source>
        <translation>Schickt %1 Token des Textes bis zu dieser Stelle durch das Modell</translation>
    </message>
    <message>
        <source>Read tokens at %1</source>
        <translation>Token bei %1 lesen</translation>
    </message>
    <message>
        <source>channel %1</source>
        <translation>Kanal %1</translation>
    </message>
    <message>
        <source>channel A</source>
        <translation>Kanal A</translation>
    </message>
    <message>
        <source>channel B</source>
        <translation>Kanal B</translation>
    </message>
    <message>
        <source>Made-up tokens</source>
        <translation>Erfundene Token</translation>
    </message>
    <message>
        <source>A rotation gathers energy: two channels</source>
        <translation>Eine Drehung sammelt Energie: zwei Kanäle</translation>
    </message>
    <message>
        <source>Each token has a number in either channel. Turned axes give it two other numbers, and the sum of their squares stays what it was:</source>
        <translation>Jedes Token hat in jedem der Kanäle eine Zahl. Gedrehte Achsen geben ihm zwei andere Zahlen, und die Summe ihrer Quadrate bleibt, was sie war:</translation>
    </message>
    <message>
        <source>So energy can only be moved from one axis to the other. The axis that holds most is an eigenvector of the second moment M, its energy the eigenvalue; there the two numbers are no longer correlated:</source>
        <translation>Energie lässt sich also nur von einer Achse auf die andere verschieben. Die Achse, die am meisten hält, ist ein Eigenvektor des zweiten Moments M, ihre Energie der Eigenwert; dort sind die beiden Zahlen nicht mehr korreliert:</translation>
    </message>
    <message>
        <source>Energy in axis 1</source>
        <translation>Energie in Achse 1</translation>
    </message>
    <message>
        <source>Energy in axis 2</source>
        <translation>Energie in Achse 2</translation>
    </message>
    <message>
        <source>Sum</source>
        <translation>Summe</translation>
    </message>
    <message>
        <source>E[u₁u₂]</source>
        <translation>E[u₁u₂]</translation>
    </message>
    <message>
        <source>%1 tokens of %2. To begin with: of the %3 strongest channels the pair that a turn does most for. M is not centred: the energy counts from 0.</source>
        <translation>%1 Token aus %2. Zu Beginn: unter den %3 stärksten Kanälen das Paar, dem eine Drehung am meisten bringt. M ist nicht zentriert: die Energie zählt von 0 an.</translation>
    </message>
    <message>
        <source>Made-up tokens: the model&apos;s could not be read. %1</source>
        <translation>Erfundene Token: die des Modells konnten nicht gelesen werden. %1</translation>
    </message>
    <message>
        <source>Made-up tokens. Open the model and a text to see real ones.</source>
        <translation>Erfundene Token. Öffnen Sie das Modell und einen Text, um echte zu sehen.</translation>
    </message>
    <message>
        <source>Two channels, turned</source>
        <translation>Zwei Kanäle, gedreht</translation>
    </message>
</context>
<context>
    <name>eigenquant::PlotView</name>
    <message>
        <source>A plot. Its numbers can be read with Show as table in its menu.</source>
        <translation>Ein Diagramm. Seine Zahlen zeigt „Als Tabelle zeigen“ in seinem Menü.</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Save this plot as an image, a vector drawing or numbers</source>
        <translation>Dieses Diagramm als Bild, Vektorzeichnung oder Zahlen speichern</translation>
    </message>
    <message>
        <source>Export %1</source>
        <translation>%1 exportieren</translation>
    </message>
    <message>
        <source>Save as &amp;PNG…</source>
        <translation>Als &amp;PNG speichern…</translation>
    </message>
    <message>
        <source>Save as &amp;SVG…</source>
        <translation>Als &amp;SVG speichern…</translation>
    </message>
    <message>
        <source>Save as P&amp;DF…</source>
        <translation>Als P&amp;DF speichern…</translation>
    </message>
    <message>
        <source>Save numbers as &amp;CSV…</source>
        <translation>Zahlen als &amp;CSV speichern…</translation>
    </message>
    <message>
        <source>Show as &amp;table…</source>
        <translation>Als &amp;Tabelle zeigen…</translation>
    </message>
    <message>
        <source>&amp;Reset view</source>
        <translation>Ansicht &amp;zurücksetzen</translation>
    </message>
    <message>
        <source>Save the plot</source>
        <translation>Diagramm speichern</translation>
    </message>
    <message>
        <source>%1 files (*.%2)</source>
        <translation>%1-Dateien (*.%2)</translation>
    </message>
    <message>
        <source>The plot was not saved</source>
        <translation>Das Diagramm wurde nicht gespeichert</translation>
    </message>
</context>
<context>
    <name>eigenquant::ProjectKeeper</name>
    <message>
        <source>%1 is missing.</source>
        <translation>%1 fehlt.</translation>
    </message>
    <message>
        <source>%1 is another model than the one that was saved.</source>
        <translation>%1 ist ein anderes Modell als das gespeicherte.</translation>
    </message>
    <message>
        <source>%1 has other statistics than the plan was made for; its predictions were made anew.</source>
        <translation>%1 enthält eine andere Statistik als die, für die der Plan gemacht wurde; seine Vorhersagen wurden neu berechnet.</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>%1 öffnen</translation>
    </message>
    <message>
        <source>Put the file back, or open another in its place and save the project. What the project says of it is kept until then.</source>
        <translation>Legen Sie die Datei zurück, oder öffnen Sie eine andere an ihrer Stelle und speichern Sie das Projekt. Was das Projekt darüber sagt, bleibt so lange erhalten.</translation>
    </message>
</context>
<context>
    <name>eigenquant::PublishedResults</name>
    <message>
        <source>Not measured here: %1, %2 bits, groups of %3, K = d/32, %4 windows of %5 tokens of %6. The weights had been through 4-bit rounding before.</source>
        <translation>Nicht hier gemessen: %1, %2 Bit, Gruppen von %3, K = d/32, %4 Fenster zu %5 Token aus %6. Die Gewichte waren zuvor schon auf 4 Bit gerundet.</translation>
    </message>
</context>
<context>
    <name>eigenquant::QuantizePage</name>
    <message>
        <source>Quantize</source>
        <translation>Quantisieren</translation>
    </message>
    <message>
        <source>Checkpoint folder</source>
        <translation>Checkpoint-Ordner</translation>
    </message>
    <message>
        <source>Replace the folder if it exists</source>
        <translation>Den Ordner ersetzen, wenn es ihn gibt</translation>
    </message>
    <message>
        <source>&amp;Folder</source>
        <translation>&amp;Ordner</translation>
    </message>
    <message>
        <source>&amp;Quantize</source>
        <translation>&amp;Quantisieren</translation>
    </message>
    <message>
        <source>Carry the plan out and write the packed checkpoint</source>
        <translation>Den Plan ausführen und den gepackten Checkpoint schreiben</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Hugging Face (dequantized)</source>
        <translation>Hugging Face (dequantisiert)</translation>
    </message>
    <message>
        <source>Export format</source>
        <translation>Exportformat</translation>
    </message>
    <message>
        <source>Safetensors in the model&apos;s own layout, for evaluation in other programs</source>
        <translation>Safetensors im Aufbau des Modells, zur Auswertung in anderen Programmen</translation>
    </message>
    <message>
        <source>Number type</source>
        <translation>Zahlentyp</translation>
    </message>
    <message>
        <source>Number type of the exported weights</source>
        <translation>Zahlentyp der exportierten Gewichte</translation>
    </message>
    <message>
        <source>Export folder</source>
        <translation>Exportordner</translation>
    </message>
    <message>
        <source>F&amp;ormat</source>
        <translation>F&amp;ormat</translation>
    </message>
    <message>
        <source>&amp;Number type</source>
        <translation>&amp;Zahlentyp</translation>
    </message>
    <message>
        <source>Fol&amp;der</source>
        <translation>Or&amp;dner</translation>
    </message>
    <message>
        <source>&amp;Export</source>
        <translation>&amp;Exportieren</translation>
    </message>
    <message>
        <source>Write a checkpoint that other programs load, and read it back</source>
        <translation>Einen Checkpoint schreiben, den andere Programme laden, und ihn zurücklesen</translation>
    </message>
    <message>
        <source>Every linear</source>
        <translation>Jede lineare Schicht</translation>
    </message>
    <message>
        <source>Only the statistics are open. Open the model they describe to quantize it.</source>
        <translation>Nur die Statistik ist offen. Öffnen Sie das Modell dazu, um es zu quantisieren.</translation>
    </message>
    <message>
        <source>The open statistics are of another model. Open the right ones, or analyse this model.</source>
        <translation>Die offene Statistik ist die eines anderen Modells. Öffnen Sie die richtige, oder analysieren Sie dieses Modell.</translation>
    </message>
    <message>
        <source>Carries the plan of the Budgets page out, layer by layer.</source>
        <translation>Führt den Plan der Seite Budgets aus, Schicht für Schicht.</translation>
    </message>
    <message>
        <source>%1: %2 effective bits, %3</source>
        <translation>%1: %2 effektive Bits, %3</translation>
    </message>
    <message>
        <source>As quantized</source>
        <translation>Wie quantisiert</translation>
    </message>
    <message>
        <source>As planned</source>
        <translation>Wie geplant</translation>
    </message>
    <message>
        <source>Exported and read back. Loads in: &lt;b&gt;%1&lt;/b&gt;</source>
        <translation>Exportiert und zurückgelesen. Lädt in: &lt;b&gt;%1&lt;/b&gt;</translation>
    </message>
    <message>
        <source>, </source>
        <translation>, </translation>
    </message>
    <message>
        <source>The export is read back and checked before it is called done.</source>
        <translation>Der Export wird zurückgelesen und geprüft, bevor er als fertig gilt.</translation>
    </message>
    <message>
        <source>%1: %2 effective bits, %3 of them for rotations, %4</source>
        <translation>%1: %2 effektive Bits, davon %3 für Rotationen, %4</translation>
    </message>
</context>
<context>
    <name>eigenquant::RemainingPlot</name>
    <message>
        <source>What remains of the error</source>
        <translation>Was vom Fehler übrig bleibt</translation>
    </message>
    <message>
        <source>No eigenvalues to tell it from</source>
        <translation>Keine Eigenwerte, aus denen es folgte</translation>
    </message>
    <message>
        <source>K, dimensions kept in 16 bits</source>
        <translation>K, in 16 Bit behaltene Dimensionen</translation>
    </message>
    <message>
        <source>Expected error of the output, relative</source>
        <translation>Erwarteter Fehler der Ausgabe, relativ</translation>
    </message>
    <message>
        <source>%1 bits</source>
        <translation>%1 Bit</translation>
    </message>
    <message>
        <source>bits</source>
        <translation>Bits</translation>
    </message>
    <message>
        <source>salient</source>
        <translation>salient</translation>
    </message>
    <message>
        <source>predicted_error</source>
        <translation>predicted_error</translation>
    </message>
</context>
<context>
    <name>eigenquant::RemainingSlide</name>
    <message>
        <source>K / d</source>
        <translation>K / d</translation>
    </message>
    <message>
        <source>Expected error at %1</source>
        <translation>Erwarteter Fehler bei %1</translation>
    </message>
    <message>
        <source>K, bits and what remains</source>
        <translation>K, Bits und was übrig bleibt</translation>
    </message>
    <message>
        <source>The first K dimensions stay in 16 bits, the others are rounded to b bits. In the turned basis no cross terms are left: the error is a plain sum over what was rounded.</source>
        <translation>Die ersten K Dimensionen bleiben in 16 Bit, die anderen werden auf b Bit gerundet. In der gedrehten Basis bleiben keine gemischten Glieder: der Fehler ist eine einfache Summe über das Gerundete.</translation>
    </message>
    <message>
        <source>ΔW is what rounding does to RᵀW. A larger K takes the largest λ out of the sum, and costs 16 bits for each of its weights; one bit more makes every ‖ΔW‖² about four times smaller, and costs one bit a weight:</source>
        <translation>ΔW ist, was das Runden mit RᵀW macht. Ein größeres K nimmt die größten λ aus der Summe und kostet 16 Bit für jedes seiner Gewichte; ein Bit mehr macht jedes ‖ΔW‖² etwa viermal kleiner und kostet ein Bit je Gewicht:</translation>
    </message>
    <message>
        <source>%1 bits, K = %2: error · bits a weight</source>
        <translation>%1 Bit, K = %2: Fehler · Bits je Gewicht</translation>
    </message>
    <message>
        <source>%1 · %2</source>
        <translation>%1 · %2</translation>
    </message>
    <message>
        <source>Expected from the statistics of %1, groups of %2; the rotation&apos;s own bits are not counted. Bits for each channel in place of K: CMPQ, arXiv 2410.13056.</source>
        <translation>Aus der Statistik von %1 erwartet, Gruppen von %2; die Bits der Drehung selbst sind nicht gezählt. Bits für jeden Kanal statt K: CMPQ, arXiv 2410.13056.</translation>
    </message>
</context>
<context>
    <name>eigenquant::ResultFolder</name>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Put the folder&apos;s path on the clipboard</source>
        <translation>Den Pfad des Ordners in die Zwischenablage legen</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Show the folder in the file manager</source>
        <translation>Den Ordner in der Dateiverwaltung zeigen</translation>
    </message>
</context>
<context>
    <name>eigenquant::RotatedSlide</name>
    <message>
        <source>K / d</source>
        <translation>K / d</translation>
    </message>
    <message>
        <source>The same with all channels: few dimensions hold nearly all</source>
        <translation>Dasselbe mit allen Kanälen: wenige Dimensionen halten fast alles</translation>
    </message>
    <message>
        <source>R holds the eigenvectors of XᵀX, by falling eigenvalue. Turning activations and weights together changes nothing of what the layer computes:</source>
        <translation>R enthält die Eigenvektoren von XᵀX, nach fallendem Eigenwert. Aktivierungen und Gewichte zusammen zu drehen ändert nichts an dem, was die Schicht berechnet:</translation>
    </message>
    <message>
        <source>But the turned activations XR are uncorrelated, and most of their energy lies in the first K of d dimensions. No K orthogonal directions hold more than these.</source>
        <translation>Aber die gedrehten Aktivierungen XR sind unkorreliert, und das meiste ihrer Energie liegt in den ersten K von d Dimensionen. Keine K orthogonalen Richtungen halten mehr als diese.</translation>
    </message>
    <message>
        <source>K of d</source>
        <translation>K von d</translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation>%1 von %2</translation>
    </message>
    <message>
        <source>The strongest K channels hold</source>
        <translation>Die stärksten K Kanäle halten</translation>
    </message>
    <message>
        <source>The first K dimensions hold</source>
        <translation>Die ersten K Dimensionen halten</translation>
    </message>
    <message>
        <source>For 90 %: channels, dimensions</source>
        <translation>Für 90 %: Kanäle, Dimensionen</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
    <message>
        <source>%1, %2 tokens of %3. ROSAQ, arXiv 2506.13472.</source>
        <translation>%1, %2 Token aus %3. ROSAQ, arXiv 2506.13472.</translation>
    </message>
    <message>
        <source>The whole site, turned</source>
        <translation>Die ganze Stelle, gedreht</translation>
    </message>
</context>
<context>
    <name>eigenquant::RunLatencyPlot</name>
    <message>
        <source>Time of a decoding step</source>
        <translation>Zeit eines Decodierschritts</translation>
    </message>
    <message>
        <source>Choose a row and time its decoding</source>
        <translation>Wählen Sie eine Zeile und messen Sie ihr Decodieren</translation>
    </message>
    <message>
        <source>as it is stored</source>
        <translation>wie gespeichert</translation>
    </message>
    <message>
        <source>FP16 linears</source>
        <translation>FP16-Schichten</translation>
    </message>
    <message>
        <source>ms a step, batch %1</source>
        <translation>ms je Schritt, Batch %1</translation>
    </message>
    <message>
        <source>report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>batch</source>
        <translation>batch</translation>
    </message>
    <message>
        <source>ms_per_step</source>
        <translation>ms_per_step</translation>
    </message>
    <message>
        <source>baseline_ms_per_step</source>
        <translation>baseline_ms_per_step</translation>
    </message>
    <message>
        <source>speedup</source>
        <translation>speedup</translation>
    </message>
</context>
<context>
    <name>eigenquant::RunsPage</name>
    <message>
        <source>%1: rows so far: %2</source>
        <translation>%1: Zeilen bisher: %2</translation>
    </message>
    <message>
        <source>%1: %2, scored on %3 (%4 tokens, context %5) in %6 on %7</source>
        <translation>%1: %2, bewertet auf %3 (%4 Token, Kontext %5) in %6 auf %7</translation>
    </message>
    <message>
        <source>Variants of the open comparisons</source>
        <translation>Varianten der offenen Vergleiche</translation>
    </message>
    <message>
        <source>&amp;Plan into the budgets</source>
        <translation>&amp;Plan in die Budgets</translation>
    </message>
    <message>
        <source>Plan the open model as this row was planned; undo brings the present plan back</source>
        <translation>Das offene Modell planen wie diese Zeile; Rückgängig holt den jetzigen Plan zurück</translation>
    </message>
    <message>
        <source>&amp;Time decoding</source>
        <translation>Decodieren &amp;messen</translation>
    </message>
    <message>
        <source>Measure the latency of decoding with this row&apos;s checkpoint</source>
        <translation>Die Latenz des Decodierens mit dem Checkpoint dieser Zeile messen</translation>
    </message>
    <message>
        <source>&amp;Close report</source>
        <translation>Bericht &amp;schließen</translation>
    </message>
    <message>
        <source>Take the row&apos;s report out of the table; its folder stays</source>
        <translation>Den Bericht der Zeile aus der Tabelle nehmen; sein Ordner bleibt</translation>
    </message>
    <message>
        <source>&amp;Open comparison…</source>
        <translation>Vergleich ö&amp;ffnen…</translation>
    </message>
    <message>
        <source>Open the folder of a comparison; several are shown beside each other</source>
        <translation>Den Ordner eines Vergleichs öffnen; mehrere werden nebeneinander gezeigt</translation>
    </message>
    <message>
        <source>&amp;Run comparison…</source>
        <translation>Vergleich &amp;durchführen…</translation>
    </message>
    <message>
        <source>Quantize and score many variants, one row each</source>
        <translation>Viele Varianten quantisieren und bewerten, je eine Zeile</translation>
    </message>
    <message>
        <source>Open the folder of a comparison</source>
        <translation>Den Ordner eines Vergleichs öffnen</translation>
    </message>
    <message>
        <source>Compare RTN, salient and ROSAQ at 3 and 4 bits</source>
        <translation>RTN, salient und ROSAQ mit 3 und 4 Bit vergleichen</translation>
    </message>
    <message>
        <source>Quantizes and scores each variant on a short text; rows come as they are done</source>
        <translation>Quantisiert jede Variante und bewertet sie auf einem kurzen Text; Zeilen kommen, sobald sie fertig sind</translation>
    </message>
    <message>
        <source>Choose variants…</source>
        <translation>Varianten wählen…</translation>
    </message>
    <message>
        <source>Open comparison…</source>
        <translation>Vergleich öffnen…</translation>
    </message>
    <message>
        <source>A comparison quantizes the model in several ways and scores each: perplexity with its error, KL, effective bits, size and time. They are drawn as perplexity against bits with the Pareto line, and every row can be planned again.</source>
        <translation>Ein Vergleich quantisiert das Modell auf mehrere Arten und bewertet jede: Perplexität mit ihrem Fehler, KL, effektive Bits, Größe und Zeit. Gezeichnet wird die Perplexität gegen die Bits mit der Pareto-Linie, und jede Zeile lässt sich wieder als Plan laden.</translation>
    </message>
    <message>
        <source>No comparison yet</source>
        <translation>Noch kein Vergleich</translation>
    </message>
    <message>
        <source>To run one, open a model and statistics of it. The folder of an earlier comparison can be opened at any time.</source>
        <translation>Um einen durchzuführen, öffnen Sie ein Modell und seine Statistik. Der Ordner eines früheren Vergleichs lässt sich jederzeit öffnen.</translation>
    </message>
</context>
<context>
    <name>eigenquant::RunsTable</name>
    <message>
        <source>A control: uniform round to nearest with one bit more than a variant that was asked for</source>
        <translation>Eine Kontrolle: gleichmäßiges Runden mit einem Bit mehr als eine verlangte Variante</translation>
    </message>
    <message>
        <source>%1 (control)</source>
        <translation>%1 (Kontrolle)</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
</context>
<context>
    <name>eigenquant::SitePlanTable</name>
    <message>
        <source>mixed</source>
        <translation>gemischt</translation>
    </message>
    <message>
        <source>The mean of linears that differ. Double-click to edit</source>
        <translation>Das Mittel verschiedener linearer Schichten. Doppelklick zum Bearbeiten</translation>
    </message>
    <message>
        <source>Some linears of the site are locked</source>
        <translation>Einige lineare Schichten der Stelle sind gesperrt</translation>
    </message>
    <message>
        <source>Double-click to edit</source>
        <translation>Doppelklick zum Bearbeiten</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>Layer %1 alone quantized costs %2 nats a token; all layers but it cost %3, all of them %4</source>
        <translation>Nur Schicht %1 quantisiert kostet %2 Nats je Token; alle außer ihr kosten %3, alle zusammen %4</translation>
    </message>
    <message>
        <source>a lock is on or off</source>
        <translation>eine Sperre ist an oder aus</translation>
    </message>
    <message>
        <source>yes or no</source>
        <translation>ja oder nein</translation>
    </message>
    <message>
        <source>%1 has no codes of this width</source>
        <translation>%1 hat keine Codes dieser Breite</translation>
    </message>
    <message>
        <source>a whole number from %1 to %2</source>
        <translation>eine ganze Zahl von %1 bis %2</translation>
    </message>
    <message>
        <source>a number from %1 to %2</source>
        <translation>eine Zahl von %1 bis %2</translation>
    </message>
    <message>
        <source>this is no group size</source>
        <translation>das ist keine Gruppengröße</translation>
    </message>
    <message>
        <source>a number of weights, or 0 for the whole row</source>
        <translation>eine Anzahl Gewichte, oder 0 für die ganze Zeile</translation>
    </message>
    <message>
        <source>%1 takes no such setting</source>
        <translation>%1 nimmt keine solche Einstellung</translation>
    </message>
    <message>
        <source>nothing, or another method</source>
        <translation>nichts, oder ein anderes Verfahren</translation>
    </message>
    <message>
        <source>change %1</source>
        <translation>%1 ändern</translation>
    </message>
</context>
<context>
    <name>eigenquant::SiteSelector</name>
    <message>
        <source>&amp;Layer</source>
        <translation>S&amp;chicht</translation>
    </message>
    <message>
        <source>Layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>Decoder layer, counted from 0 (Page up and Page down move by 10)</source>
        <translation>Decoderschicht, von 0 gezählt (Bild auf und Bild ab springen um 10)</translation>
    </message>
    <message>
        <source>&amp;Site</source>
        <translation>S&amp;telle</translation>
    </message>
    <message>
        <source>Site</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>The activation that some of the layer&apos;s linears read</source>
        <translation>Die Aktivierung, die einige der linearen Schichten lesen</translation>
    </message>
    <message>
        <source> / %1</source>
        <translation> / %1</translation>
    </message>
</context>
<context>
    <name>eigenquant::SpectraPage</name>
    <message>
        <source>These statistics hold channel norms only; analyze without --norms-only to see spectra.</source>
        <translation>Diese Statistik enthält nur Kanalnormen; analysieren Sie ohne --norms-only, um Spektren zu sehen.</translation>
    </message>
    <message>
        <source>&amp;K, salient channels</source>
        <translation>&amp;K, saliente Kanäle</translation>
    </message>
    <message>
        <source>Salient channels K of this site</source>
        <translation>Saliente Kanäle K dieser Stelle</translation>
    </message>
    <message>
        <source>Channels that stay FP16; or drag the line in the plot</source>
        <translation>Kanäle, die FP16 bleiben; oder die Linie im Diagramm ziehen</translation>
    </message>
    <message>
        <source>Log &amp;energy</source>
        <translation>&amp;Energie logarithmisch</translation>
    </message>
    <message>
        <source>Logarithmic energy axis</source>
        <translation>Logarithmische Energieachse</translation>
    </message>
    <message>
        <source>Log &amp;index</source>
        <translation>&amp;Nummer logarithmisch</translation>
    </message>
    <message>
        <source>Logarithmic index axis</source>
        <translation>Logarithmische Nummernachse</translation>
    </message>
    <message>
        <source>C&amp;umulative</source>
        <translation>K&amp;umuliert</translation>
    </message>
    <message>
        <source>Also the share of energy in the first dimensions</source>
        <translation>Auch der Anteil der ersten Dimensionen an der Energie</translation>
    </message>
    <message>
        <source>All &amp;four sites</source>
        <translation>Alle &amp;vier Stellen</translation>
    </message>
    <message>
        <source>The four sites of the layer side by side</source>
        <translation>Die vier Stellen der Schicht nebeneinander</translation>
    </message>
    <message>
        <source>Channels</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <source>Width of the activation</source>
        <translation>Breite der Aktivierung</translation>
    </message>
    <message>
        <source>Top K hold (rotated)</source>
        <translation>Oberste K halten (gedreht)</translation>
    </message>
    <message>
        <source>Energy in the K largest eigenvalues</source>
        <translation>Energie in den K größten Eigenwerten</translation>
    </message>
    <message>
        <source>Top K hold (original)</source>
        <translation>Oberste K halten (ursprünglich)</translation>
    </message>
    <message>
        <source>Energy in the K strongest original channels</source>
        <translation>Energie in den K stärksten ursprünglichen Kanälen</translation>
    </message>
    <message>
        <source>Effective bits</source>
        <translation>Effektive Bits</translation>
    </message>
    <message>
        <source>Of the linears that read this site</source>
        <translation>Der linearen Schichten, die diese Stelle lesen</translation>
    </message>
    <message>
        <source>Predicted error</source>
        <translation>Vorhergesagter Fehler</translation>
    </message>
    <message>
        <source>‖XΔW‖² / ‖XW‖² of the linears that read this site</source>
        <translation>‖XΔW‖² / ‖XW‖² der linearen Schichten, die diese Stelle lesen</translation>
    </message>
    <message>
        <source>Spectra of layer %1</source>
        <translation>Spektren von Schicht %1</translation>
    </message>
    <message>
        <source>Spectrum of %1</source>
        <translation>Spektrum von %1</translation>
    </message>
    <message>
        <source>Compare &amp;with…</source>
        <translation>Vergleichen &amp;mit…</translation>
    </message>
    <message>
        <source>Draw the spectra of other statistics beside these: of another text, or another model</source>
        <translation>Die Spektren einer anderen Statistik daneben zeichnen: eines anderen Textes oder Modells</translation>
    </message>
    <message>
        <source>The line is K in each layer. Point at a layer to see its curve; click to choose it.</source>
        <translation>Die Linie ist K in jeder Schicht. Zeigen Sie auf eine Schicht, um ihre Kurve zu sehen; ein Klick wählt sie.</translation>
    </message>
    <message>
        <source>What differs from the compared statistics</source>
        <translation>Was sich von der verglichenen Statistik unterscheidet</translation>
    </message>
    <message>
        <source>&amp;Remove</source>
        <translation>&amp;Entfernen</translation>
    </message>
    <message>
        <source>Put the compared statistics away</source>
        <translation>Die verglichene Statistik weglegen</translation>
    </message>
    <message>
        <source>Compare with other statistics</source>
        <translation>Mit anderer Statistik vergleichen</translation>
    </message>
    <message>
        <source>Statistics (*.stats);;All files (*)</source>
        <translation>Statistik (*.stats);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Compared with %1, %2</source>
        <translation>Verglichen mit %1, %2</translation>
    </message>
    <message>
        <source>: </source>
        <translation>: </translation>
    </message>
    <message>
        <source>: nothing to compare at %1. </source>
        <translation>: nichts zu vergleichen bei %1. </translation>
    </message>
    <message>
        <source>All layers · %1</source>
        <translation>Alle Schichten · %1</translation>
    </message>
    <message>
        <source>%1, %2</source>
        <translation>%1, %2</translation>
    </message>
</context>
<context>
    <name>eigenquant::SpectrumPanel</name>
    <message>
        <source>Dimension or channel, by falling energy</source>
        <translation>Dimension oder Kanal, nach fallender Energie</translation>
    </message>
    <message>
        <source>Energy E[x²]</source>
        <translation>Energie E[x²]</translation>
    </message>
    <message>
        <source>Rotated: eigenvalues</source>
        <translation>Gedreht: Eigenwerte</translation>
    </message>
    <message>
        <source>Original channels, sorted</source>
        <translation>Ursprüngliche Kanäle, sortiert</translation>
    </message>
    <message>
        <source>Rotated head by head</source>
        <translation>Kopf für Kopf gedreht</translation>
    </message>
    <message>
        <source>Residual stream, rotated (before the norm&apos;s gain)</source>
        <translation>Residualstrom, gedreht (vor der Verstärkung der Norm)</translation>
    </message>
    <message>
        <source>Cumulative share of energy (thin lines)</source>
        <translation>Kumulierter Anteil der Energie (dünne Linien)</translation>
    </message>
    <message>
        <source>Compared: %1</source>
        <translation>Verglichen: %1</translation>
    </message>
    <message>
        <source>dimension %1 of %2</source>
        <translation>Dimension %1 von %2</translation>
    </message>
    <message>
        <source>%1 %2</source>
        <translation>%1 %2</translation>
    </message>
    <message>
        <source>eigenvalue</source>
        <translation>Eigenwert</translation>
    </message>
    <message>
        <source>original channel</source>
        <translation>ursprünglicher Kanal</translation>
    </message>
    <message>
        <source>compared</source>
        <translation>verglichen</translation>
    </message>
</context>
<context>
    <name>eigenquant::SpectrumPlot</name>
    <message>
        <source>Eigenvalue spectrum</source>
        <translation>Eigenwertspektrum</translation>
    </message>
    <message>
        <source>No statistics for this site</source>
        <translation>Keine Statistik für diese Stelle</translation>
    </message>
    <message>
        <source>layer</source>
        <translation>Schicht</translation>
    </message>
    <message>
        <source>site</source>
        <translation>Stelle</translation>
    </message>
    <message>
        <source>rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>eigenvalue</source>
        <translation>Eigenwert</translation>
    </message>
    <message>
        <source>original_channel_energy</source>
        <translation>original_channel_energy</translation>
    </message>
    <message>
        <source>head_wise_energy</source>
        <translation>head_wise_energy</translation>
    </message>
    <message>
        <source>global_energy</source>
        <translation>global_energy</translation>
    </message>
    <message>
        <source>cumulative_rotated</source>
        <translation>cumulative_rotated</translation>
    </message>
    <message>
        <source>cumulative_original</source>
        <translation>cumulative_original</translation>
    </message>
    <message>
        <source>Left and Right move the line of K by one channel, Page Up and Page Down by 8, Home and End to the ends. The numbers can be read with Show as table in its menu.</source>
        <translation>Links und Rechts bewegen die Linie von K um einen Kanal, Bild auf und Bild ab um 8, Pos1 und Ende an die Enden. Die Zahlen zeigt „Als Tabelle zeigen“ im Menü.</translation>
    </message>
    <message>
        <source>layer %1</source>
        <translation>Schicht %1</translation>
    </message>
    <message>
        <source>compared_eigenvalue</source>
        <translation>compared_eigenvalue</translation>
    </message>
</context>
<context>
    <name>eigenquant::StatusSummary</name>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Effective bits</source>
        <translation>Effektive Bits</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Predicted error</source>
        <translation>Vorhergesagter Fehler</translation>
    </message>
    <message>
        <source>Predicted KL</source>
        <translation>Vorhergesagte KL</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>Kein Modell</translation>
    </message>
    <message>
        <source>%1 effective bits</source>
        <translation>%1 effektive Bits</translation>
    </message>
    <message>
        <source>predicted error %1</source>
        <translation>vorhergesagter Fehler %1</translation>
    </message>
    <message>
        <source>predicted KL %1</source>
        <translation>vorhergesagte KL %1</translation>
    </message>
    <message>
        <source>Estimated memory</source>
        <translation>Geschätzter Speicher</translation>
    </message>
    <message>
        <source>≈ %1 in memory</source>
        <translation>≈ %1 im Speicher</translation>
    </message>
    <message>
        <source>To decode one sequence with: linears %1, embedding, head and norms %2, keys and values of %3 tokens %4</source>
        <translation>Um eine Folge zu decodieren: lineare Schichten %1, Embedding, Kopf und Normen %2, Schlüssel und Werte von %3 Token %4</translation>
    </message>
    <message>
        <source>%1 bits + %2 rotations</source>
        <translation>%1 Bit + %2 Rotationen</translation>
    </message>
</context>
<context>
    <name>eigenquant::StudioActions</name>
    <message>
        <source>Open the &amp;demo</source>
        <translation>&amp;Demo öffnen</translation>
    </message>
    <message>
        <source>Open the model and texts that come with the program</source>
        <translation>Das Modell und die Texte öffnen, die dem Programm beiliegen</translation>
    </message>
    <message>
        <source>Ctrl+D</source>
        <translation>Ctrl+D</translation>
    </message>
    <message>
        <source>Open &amp;model file…</source>
        <translation>&amp;Modelldatei öffnen…</translation>
    </message>
    <message>
        <source>Open a .gguf model</source>
        <translation>Ein .gguf-Modell öffnen</translation>
    </message>
    <message>
        <source>Open model &amp;folder…</source>
        <translation>Modell&amp;ordner öffnen…</translation>
    </message>
    <message>
        <source>Open a Hugging Face folder or a packed checkpoint</source>
        <translation>Einen Hugging-Face-Ordner oder einen gepackten Checkpoint öffnen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+O</source>
        <translation>Ctrl+Shift+O</translation>
    </message>
    <message>
        <source>Open &amp;text…</source>
        <translation>&amp;Text öffnen…</translation>
    </message>
    <message>
        <source>Choose the text for calibration and checks</source>
        <translation>Den Text für Kalibrierung und Prüfung wählen</translation>
    </message>
    <message>
        <source>Ctrl+T</source>
        <translation>Ctrl+T</translation>
    </message>
    <message>
        <source>Open &amp;statistics…</source>
        <translation>&amp;Statistik öffnen…</translation>
    </message>
    <message>
        <source>Open a .stats file; it needs no model</source>
        <translation>Eine .stats-Datei öffnen; sie braucht kein Modell</translation>
    </message>
    <message>
        <source>Ctrl+Shift+T</source>
        <translation>Ctrl+Shift+T</translation>
    </message>
    <message>
        <source>Open a model</source>
        <translation>Modell öffnen</translation>
    </message>
    <message>
        <source>Models (*.gguf *.safetensors);;All files (*)</source>
        <translation>Modelle (*.gguf *.safetensors);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open a model folder</source>
        <translation>Modellordner öffnen</translation>
    </message>
    <message>
        <source>Open a text</source>
        <translation>Text öffnen</translation>
    </message>
    <message>
        <source>Texts (*.txt);;All files (*)</source>
        <translation>Texte (*.txt);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open statistics</source>
        <translation>Statistik öffnen</translation>
    </message>
    <message>
        <source>Statistics (*.stats);;All files (*)</source>
        <translation>Statistik (*.stats);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Open &amp;project…</source>
        <translation>&amp;Projekt öffnen…</translation>
    </message>
    <message>
        <source>Open a project: model, statistics, plan and results together</source>
        <translation>Ein Projekt öffnen: Modell, Statistik, Plan und Ergebnisse zusammen</translation>
    </message>
    <message>
        <source>Ctrl+Shift+P</source>
        <translation>Ctrl+Shift+P</translation>
    </message>
    <message>
        <source>Save pro&amp;ject</source>
        <translation>Pro&amp;jekt speichern</translation>
    </message>
    <message>
        <source>Save what is open as a project</source>
        <translation>Was offen ist, als Projekt speichern</translation>
    </message>
    <message>
        <source>Save project &amp;as…</source>
        <translation>Projekt speichern &amp;unter…</translation>
    </message>
    <message>
        <source>Save what is open as a project of another name</source>
        <translation>Was offen ist, als Projekt unter anderem Namen speichern</translation>
    </message>
    <message>
        <source>Ctrl+Shift+S</source>
        <translation>Ctrl+Shift+S</translation>
    </message>
    <message>
        <source>Open a project</source>
        <translation>Projekt öffnen</translation>
    </message>
    <message>
        <source>Projects (*.eigenquant);;All files (*)</source>
        <translation>Projekte (*.eigenquant);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>&amp;Load plan…</source>
        <translation>Plan &amp;laden…</translation>
    </message>
    <message>
        <source>Load a plan into the budgets; undo brings the present one back</source>
        <translation>Einen Plan in die Budgets laden; Rückgängig holt den jetzigen zurück</translation>
    </message>
    <message>
        <source>Ctrl+L</source>
        <translation>Ctrl+L</translation>
    </message>
    <message>
        <source>&amp;Save plan…</source>
        <translation>Plan &amp;speichern…</translation>
    </message>
    <message>
        <source>Save the budgets as a plan that the command line takes too</source>
        <translation>Die Budgets als Plan speichern, den auch die Befehlszeile nimmt</translation>
    </message>
    <message>
        <source>Ctrl+Shift+L</source>
        <translation>Ctrl+Shift+L</translation>
    </message>
    <message>
        <source>&amp;Analyse…</source>
        <translation>&amp;Analysieren…</translation>
    </message>
    <message>
        <source>Run a text through the model and keep its statistics</source>
        <translation>Einen Text durch das Modell schicken und die Statistik behalten</translation>
    </message>
    <message>
        <source>Ctrl+R</source>
        <translation>Ctrl+R</translation>
    </message>
    <message>
        <source>Load a plan</source>
        <translation>Plan laden</translation>
    </message>
    <message>
        <source>Plans (*.json);;All files (*)</source>
        <translation>Pläne (*.json);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>&amp;Rückgängig</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>&amp;Wiederholen</translation>
    </message>
    <message>
        <source>Save the plan</source>
        <translation>Plan speichern</translation>
    </message>
    <message>
        <source>Plans (*.json)</source>
        <translation>Pläne (*.json)</translation>
    </message>
</context>
<context>
    <name>eigenquant::StudioTasks</name>
    <message>
        <source>The demo cannot be opened</source>
        <translation>Die Demo lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Open %1</source>
        <translation>%1 öffnen</translation>
    </message>
    <message>
        <source>The model cannot be opened</source>
        <translation>Das Modell lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>The statistics cannot be opened</source>
        <translation>Die Statistik lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>The text cannot be opened</source>
        <translation>Der Text lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>%1: the file cannot be read</source>
        <translation>%1: die Datei lässt sich nicht lesen</translation>
    </message>
    <message>
        <source>The plan cannot be opened</source>
        <translation>Der Plan lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Open the statistics that it was made for first.</source>
        <translation>Öffnen Sie zuerst die Statistik, für die er gemacht wurde.</translation>
    </message>
    <message>
        <source>load %1</source>
        <translation>%1 laden</translation>
    </message>
    <message>
        <source>The plan was not saved</source>
        <translation>Der Plan wurde nicht gespeichert</translation>
    </message>
    <message>
        <source>Analyse %1</source>
        <translation>%1 analysieren</translation>
    </message>
    <message>
        <source>The analysis failed</source>
        <translation>Die Analyse ist gescheitert</translation>
    </message>
    <message>
        <source>Quantize %1</source>
        <translation>%1 quantisieren</translation>
    </message>
    <message>
        <source>The model was not quantized</source>
        <translation>Das Modell wurde nicht quantisiert</translation>
    </message>
    <message>
        <source>Export the quantized model</source>
        <translation>Das quantisierte Modell exportieren</translation>
    </message>
    <message>
        <source>The model was not exported</source>
        <translation>Das Modell wurde nicht exportiert</translation>
    </message>
    <message>
        <source>Spread the bits</source>
        <translation>Die Bits verteilen</translation>
    </message>
    <message>
        <source>The bits were not spread</source>
        <translation>Die Bits wurden nicht verteilt</translation>
    </message>
    <message>
        <source>The plan was changed in the meantime; apply it again.</source>
        <translation>Der Plan wurde inzwischen geändert; wenden Sie es erneut an.</translation>
    </message>
    <message>
        <source>spread %1 effective bits</source>
        <translation>%1 effektive Bits verteilen</translation>
    </message>
    <message>
        <source>Look for a GPU</source>
        <translation>GPU suchen</translation>
    </message>
    <message>
        <source>Perplexity of the quantized model</source>
        <translation>Perplexität des quantisierten Modells</translation>
    </message>
    <message>
        <source>Perplexity of the float model</source>
        <translation>Perplexität des Float-Modells</translation>
    </message>
    <message>
        <source>Latency of decoding</source>
        <translation>Latenz des Decodierens</translation>
    </message>
    <message>
        <source>Another model was opened or quantized in the meantime; check it again.</source>
        <translation>Inzwischen wurde ein anderes Modell geöffnet oder quantisiert; prüfen Sie erneut.</translation>
    </message>
    <message>
        <source>Open %1 for comparison</source>
        <translation>%1 zum Vergleich öffnen</translation>
    </message>
    <message>
        <source>The statistics cannot be compared with</source>
        <translation>Mit der Statistik lässt sich nicht vergleichen</translation>
    </message>
    <message>
        <source>Read tokens at %1</source>
        <translation>Token bei %1 lesen</translation>
    </message>
    <message>
        <source>The tokens were not read</source>
        <translation>Die Token wurden nicht gelesen</translation>
    </message>
    <message>
        <source>Weights of %1</source>
        <translation>Gewichte von %1</translation>
    </message>
    <message>
        <source>The weights were not measured</source>
        <translation>Die Gewichte wurden nicht gemessen</translation>
    </message>
    <message>
        <source>Read %1</source>
        <translation>%1 lesen</translation>
    </message>
    <message>
        <source>The plan cannot be compared</source>
        <translation>Der Plan lässt sich nicht vergleichen</translation>
    </message>
    <message>
        <source>The sensitivity cannot be opened</source>
        <translation>Die Empfindlichkeit lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>The sensitivity was not measured</source>
        <translation>Die Empfindlichkeit wurde nicht gemessen</translation>
    </message>
    <message>
        <source>It is measured of a checkpoint beside its model: open the model and quantize it first.</source>
        <translation>Gemessen wird ein Checkpoint neben seinem Modell: öffnen und quantisieren Sie erst das Modell.</translation>
    </message>
    <message>
        <source>Choose a text to measure it on first: File, Open text.</source>
        <translation>Wählen Sie zuerst einen Text zum Messen: Datei, Text öffnen.</translation>
    </message>
    <message>
        <source>Sensitivity of every layer</source>
        <translation>Empfindlichkeit jeder Schicht</translation>
    </message>
    <message>
        <source>Effect of layer %1</source>
        <translation>Wirkung von Schicht %1</translation>
    </message>
    <message>
        <source>The comparison cannot be opened</source>
        <translation>Der Vergleich lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>The comparison was not run</source>
        <translation>Der Vergleich wurde nicht durchgeführt</translation>
    </message>
    <message>
        <source>Open a model and its own statistics first.</source>
        <translation>Öffnen Sie erst ein Modell und seine Statistik.</translation>
    </message>
    <message>
        <source>Compare methods: %1</source>
        <translation>Verfahren vergleichen: %1</translation>
    </message>
    <message>
        <source>Open the statistics that the comparison was made from first.</source>
        <translation>Öffnen Sie zuerst die Statistik, aus der der Vergleich gemacht wurde.</translation>
    </message>
    <message>
        <source>This row is the model as it is: it has no plan.</source>
        <translation>Diese Zeile ist das Modell, wie es ist: sie hat keinen Plan.</translation>
    </message>
    <message>
        <source>%1 was made from other statistics than the open ones (fingerprint %2, not %3); open those.</source>
        <translation>%1 wurde aus einer anderen als der offenen Statistik gemacht (Fingerabdruck %2, nicht %3); öffnen Sie jene.</translation>
    </message>
    <message>
        <source>Plan %1</source>
        <translation>Plan %1</translation>
    </message>
    <message>
        <source>reopen %1</source>
        <translation>%1 wieder öffnen</translation>
    </message>
    <message>
        <source>Decoding was not timed</source>
        <translation>Das Decodieren wurde nicht gemessen</translation>
    </message>
    <message>
        <source>This row left no checkpoint behind. Run the comparison again and keep the checkpoints.</source>
        <translation>Diese Zeile hat keinen Checkpoint hinterlassen. Führen Sie den Vergleich erneut durch und behalten Sie die Checkpoints.</translation>
    </message>
    <message>
        <source>Time decoding with %1</source>
        <translation>Decodieren mit %1 messen</translation>
    </message>
    <message>
        <source>Predict the plan</source>
        <translation>Plan vorhersagen</translation>
    </message>
    <message>
        <source>The plan stays as it was</source>
        <translation>Der Plan bleibt, wie er war</translation>
    </message>
    <message>
        <source>plan %1 sites anew</source>
        <translation>%1 Stellen neu planen</translation>
    </message>
    <message>
        <source>Plan anew</source>
        <translation>Neu planen</translation>
    </message>
</context>
<context>
    <name>eigenquant::TargetSlider</name>
    <message>
        <source>&amp;Whole model</source>
        <translation>&amp;Ganzes Modell</translation>
    </message>
    <message>
        <source>Effective bits of the whole model</source>
        <translation>Effektive Bits des ganzen Modells</translation>
    </message>
    <message>
        <source>Effective bits of the whole model, as a number</source>
        <translation>Effektive Bits des ganzen Modells, als Zahl</translation>
    </message>
    <message>
        <source> bits</source>
        <translation> Bit</translation>
    </message>
</context>
<context>
    <name>eigenquant::TokenMapPanel</name>
    <message>
        <source>&amp;Tokens</source>
        <translation>&amp;Token</translation>
    </message>
    <message>
        <source>Tokens of the sample</source>
        <translation>Token der Probe</translation>
    </message>
    <message>
        <source>The text is cut into windows of so many tokens; one of them is read</source>
        <translation>Der Text wird in Fenster von so vielen Token geschnitten; eines davon wird gelesen</translation>
    </message>
    <message>
        <source>from &amp;window</source>
        <translation>aus &amp;Fenster</translation>
    </message>
    <message>
        <source>Window of the text</source>
        <translation>Fenster des Textes</translation>
    </message>
    <message>
        <source>Which window of the text, from 0</source>
        <translation>Welches Fenster des Textes, von 0 an</translation>
    </message>
    <message>
        <source>&amp;Read tokens</source>
        <translation>Token &amp;lesen</translation>
    </message>
    <message>
        <source>Run these tokens through the model up to the layer and keep what lies at the site</source>
        <translation>Diese Token bis zur Schicht durch das Modell schicken und behalten, was an der Stelle liegt</translation>
    </message>
    <message>
        <source>Log &amp;colours</source>
        <translation>&amp;Farben logarithmisch</translation>
    </message>
    <message>
        <source>Colours by the logarithm of the magnitude</source>
        <translation>Farben nach dem Logarithmus des Betrags</translation>
    </message>
    <message>
        <source>Open the model itself to look at single tokens; statistics alone do not hold them.</source>
        <translation>Öffnen Sie das Modell selbst, um einzelne Token zu sehen; die Statistik allein enthält sie nicht.</translation>
    </message>
    <message>
        <source>The statistics are of another model; open the one they were made of.</source>
        <translation>Die Statistik ist die eines anderen Modells; öffnen Sie das, aus dem sie gemacht wurde.</translation>
    </message>
    <message>
        <source>Open a text (File ▸ Open text) to take the tokens from.</source>
        <translation>Öffnen Sie einen Text (Datei ▸ Text öffnen), aus dem die Token kommen.</translation>
    </message>
    <message>
        <source>%1, window %2 of %3 tokens</source>
        <translation>%1, Fenster %2 zu %3 Token</translation>
    </message>
    <message>
        <source>Tokens × channels of %1</source>
        <translation>Token × Kanäle von %1</translation>
    </message>
    <message>
        <source>Press Read tokens to see what single tokens do at this site.</source>
        <translation>Drücken Sie Token lesen, um zu sehen, was einzelne Token an dieser Stelle tun.</translation>
    </message>
</context>
<context>
    <name>eigenquant::TokenMapPlot</name>
    <message>
        <source>Tokens × channels</source>
        <translation>Token × Kanäle</translation>
    </message>
    <message>
        <source>No sample was read</source>
        <translation>Keine Probe gelesen</translation>
    </message>
    <message>
        <source>after the PCA rotation</source>
        <translation>nach der PCA-Drehung</translation>
    </message>
    <message>
        <source>original channels</source>
        <translation>ursprüngliche Kanäle</translation>
    </message>
    <message>
        <source> (not rotated: %1)</source>
        <translation> (nicht gedreht: %1)</translation>
    </message>
    <message>
        <source>log₁₀ |x|</source>
        <translation>log₁₀ |x|</translation>
    </message>
    <message>
        <source>|x|</source>
        <translation>|x|</translation>
    </message>
    <message>
        <source>Dimension index, by falling eigenvalue</source>
        <translation>Dimension, nach fallendem Eigenwert</translation>
    </message>
    <message>
        <source>Channel index</source>
        <translation>Kanalnummer</translation>
    </message>
    <message>
        <source> (the largest of %1 a column)</source>
        <translation> (der größte von %1 je Spalte)</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>token %1 “%2”</source>
        <translation>Token %1 „%2“</translation>
    </message>
    <message>
        <source>
dimension %1: %2</source>
        <translation>
Dimension %1: %2</translation>
    </message>
    <message>
        <source>
channel %1: %2</source>
        <translation>
Kanal %1: %2</translation>
    </message>
    <message>
        <source>token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>id</source>
        <translation>id</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
</context>
<context>
    <name>eigenquant::WeightHistogram</name>
    <message>
        <source>Distribution of the weights</source>
        <translation>Verteilung der Gewichte</translation>
    </message>
    <message>
        <source>No weights were measured</source>
        <translation>Keine Gewichte gemessen</translation>
    </message>
    <message>
        <source>%1, kurtosis %2</source>
        <translation>%1, Kurtosis %2</translation>
    </message>
    <message>
        <source>original W</source>
        <translation>ursprüngliches W</translation>
    </message>
    <message>
        <source>rotated WR (%1)</source>
        <translation>gedrehtes WR (%1)</translation>
    </message>
    <message>
        <source>as stored</source>
        <translation>wie gespeichert</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>Weights in a bin</source>
        <translation>Gewichte je Klasse</translation>
    </message>
    <message>
        <source>weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>original</source>
        <translation>ursprünglich</translation>
    </message>
    <message>
        <source>rotated</source>
        <translation>gedreht</translation>
    </message>
    <message>
        <source>stored</source>
        <translation>gespeichert</translation>
    </message>
</context>
<context>
    <name>eigenquant::WeightRangePlot</name>
    <message>
        <source>Range of each group of columns</source>
        <translation>Bereich jeder Spaltengruppe</translation>
    </message>
    <message>
        <source>No weights were measured</source>
        <translation>Keine Gewichte gemessen</translation>
    </message>
    <message>
        <source>original W</source>
        <translation>ursprüngliches W</translation>
    </message>
    <message>
        <source>rotated WR</source>
        <translation>gedrehtes WR</translation>
    </message>
    <message>
        <source>as stored</source>
        <translation>wie gespeichert</translation>
    </message>
    <message>
        <source>Group of %1 columns, in the order they are stored; −1: FP16 columns</source>
        <translation>Gruppe von %1 Spalten, in der gespeicherten Reihenfolge; −1: FP16-Spalten</translation>
    </message>
    <message>
        <source>max − min in a row, mean of the rows</source>
        <translation>max − min in einer Zeile, Mittel der Zeilen</translation>
    </message>
    <message>
        <source>weights</source>
        <translation>Gewichte</translation>
    </message>
    <message>
        <source>group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>salient</source>
        <translation>salient</translation>
    </message>
    <message>
        <source>columns</source>
        <translation>columns</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min</translation>
    </message>
    <message>
        <source>max</source>
        <translation>max</translation>
    </message>
    <message>
        <source>mean_width</source>
        <translation>mean_width</translation>
    </message>
</context>
<context>
    <name>eigenquant::WeightsPage</name>
    <message>
        <source>L&amp;inear</source>
        <translation>L&amp;ineare Schicht</translation>
    </message>
    <message>
        <source>Linear whose weights are shown</source>
        <translation>Lineare Schicht, deren Gewichte gezeigt werden</translation>
    </message>
    <message>
        <source>&amp;Measure</source>
        <translation>&amp;Messen</translation>
    </message>
    <message>
        <source>Quantize this linear as the plan says, and look at its weights before and after</source>
        <translation>Diese lineare Schicht nach Plan quantisieren und ihre Gewichte vorher und nachher sehen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>What the plan said when it was measured</source>
        <translation>Was der Plan sagte, als gemessen wurde</translation>
    </message>
    <message>
        <source>Range, original</source>
        <translation>Bereich, ursprünglich</translation>
    </message>
    <message>
        <source>Smallest and largest weight in the model&apos;s own channels</source>
        <translation>Kleinstes und größtes Gewicht in den Kanälen des Modells</translation>
    </message>
    <message>
        <source>Range, as rounded</source>
        <translation>Bereich, wie gerundet</translation>
    </message>
    <message>
        <source>The same in the basis that the plan rounds in</source>
        <translation>Dasselbe in der Basis, in der der Plan rundet</translation>
    </message>
    <message>
        <source>Predicted error</source>
        <translation>Vorhergesagter Fehler</translation>
    </message>
    <message>
        <source>‖XΔW‖² / ‖XW‖² expected from the statistics</source>
        <translation>‖XΔW‖² / ‖XW‖², aus der Statistik erwartet</translation>
    </message>
    <message>
        <source>Measured error</source>
        <translation>Gemessener Fehler</translation>
    </message>
    <message>
        <source>‖XΔW‖² / ‖XW‖² of what is stored, on the calibration text</source>
        <translation>‖XΔW‖² / ‖XW‖² des Gespeicherten, auf dem Kalibriertext</translation>
    </message>
    <message>
        <source>Open the model itself to look at its weights; statistics alone do not hold them.</source>
        <translation>Öffnen Sie das Modell selbst, um seine Gewichte zu sehen; die Statistik allein enthält sie nicht.</translation>
    </message>
    <message>
        <source>The statistics are of another model; open the one they were made of.</source>
        <translation>Die Statistik ist die eines anderen Modells; öffnen Sie das, aus dem sie gemacht wurde.</translation>
    </message>
    <message>
        <source>These statistics hold no second moments, which quantizing needs; analyse and keep them.</source>
        <translation>Diese Statistik enthält keine zweiten Momente, die das Quantisieren braucht; analysieren Sie und behalten Sie sie.</translation>
    </message>
    <message>
        <source>Press Measure to look at the weights of %1.</source>
        <translation>Drücken Sie Messen, um die Gewichte von %1 zu sehen.</translation>
    </message>
    <message>
        <source>No weights were measured</source>
        <translation>Keine Gewichte gemessen</translation>
    </message>
    <message>
        <source>Distribution of the weights of %1</source>
        <translation>Verteilung der Gewichte von %1</translation>
    </message>
    <message>
        <source>Range of each group of columns of %1</source>
        <translation>Bereich jeder Spaltengruppe von %1</translation>
    </message>
    <message>
        <source>The plan has changed since; measure again.</source>
        <translation>Der Plan hat sich seither geändert; messen Sie erneut.</translation>
    </message>
    <message>
        <source>%1 … %2</source>
        <translation>%1 … %2</translation>
    </message>
    <message>
        <source>%1, %2 bits</source>
        <translation>%1, %2 Bit</translation>
    </message>
</context>
<context>
    <name>eigenquant::WelcomePage</name>
    <message>
        <source>Eigenquant Studio</source>
        <translation>Eigenquant Studio</translation>
    </message>
    <message>
        <source>See where a language model keeps its energy, give every layer the bits it needs, and quantize it: with the error known before the work begins.</source>
        <translation>Sehen, wo ein Sprachmodell seine Energie hat, jeder Schicht die Bits geben, die sie braucht, und es quantisieren: mit bekanntem Fehler, bevor die Arbeit beginnt.</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>1.  Open a model and a text.
2.  Analyse: one pass gives the spectra.
3.  Plan K and bits, and watch size and error.
4.  Quantize, check, export.</source>
        <translation>1.  Modell und Text öffnen.
2.  Analysieren: ein Durchlauf ergibt die Spektren.
3.  K und Bits planen, Größe und Fehler im Blick.
4.  Quantisieren, prüfen, exportieren.</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt geöffnet</translation>
    </message>
    <message>
        <source>Recent files</source>
        <translation>Zuletzt geöffnete Dateien</translation>
    </message>
    <message>
        <source>What you open will be listed here.
Files and folders can also be dropped on the window.</source>
        <translation>Was Sie öffnen, wird hier aufgeführt.
Dateien und Ordner lassen sich auch auf das Fenster ziehen.</translation>
    </message>
</context>
<context>
    <name>eigenquant::text</name>
    <message>
        <source>Attention input (q, k, v)</source>
        <translation>Attention-Eingang (q, k, v)</translation>
    </message>
    <message>
        <source>Attention output (o)</source>
        <translation>Attention-Ausgang (o)</translation>
    </message>
    <message>
        <source>MLP input (gate, up)</source>
        <translation>MLP-Eingang (gate, up)</translation>
    </message>
    <message>
        <source>MLP output (down)</source>
        <translation>MLP-Ausgang (down)</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>PCA</source>
        <translation>PCA</translation>
    </message>
    <message>
        <source>head-wise PCA</source>
        <translation>PCA je Kopf</translation>
    </message>
    <message>
        <source>global</source>
        <translation>global</translation>
    </message>
    <message>
        <source>random</source>
        <translation>zufällig</translation>
    </message>
    <message>
        <source>head-wise random</source>
        <translation>zufällig je Kopf</translation>
    </message>
    <message>
        <source>Hadamard</source>
        <translation>Hadamard</translation>
    </message>
    <message>
        <source>float</source>
        <translation>float</translation>
    </message>
    <message>
        <source>RTN</source>
        <translation>RTN</translation>
    </message>
    <message>
        <source>salient</source>
        <translation>salient</translation>
    </message>
    <message>
        <source>GPTQ</source>
        <translation>GPTQ</translation>
    </message>
    <message>
        <source>AWQ</source>
        <translation>AWQ</translation>
    </message>
    <message>
        <source>RandRot</source>
        <translation>RandRot</translation>
    </message>
    <message>
        <source>ROSAQ</source>
        <translation>ROSAQ</translation>
    </message>
    <message>
        <source>CMPQ</source>
        <translation>CMPQ</translation>
    </message>
    <message>
        <source>ETQ</source>
        <translation>ETQ</translation>
    </message>
    <message>
        <source>Left alone, in 16 bits</source>
        <translation>Unverändert, in 16 Bit</translation>
    </message>
    <message>
        <source>Every weight rounded to the nearest value of its group&apos;s grid</source>
        <translation>Jedes Gewicht auf den nächsten Wert des Gitters seiner Gruppe gerundet</translation>
    </message>
    <message>
        <source>The K original channels with the most energy stay FP16, the rest is rounded</source>
        <translation>Die K ursprünglichen Kanäle mit der meisten Energie bleiben FP16, der Rest wird gerundet</translation>
    </message>
    <message>
        <source>Rounding errors are made up for by later columns (arXiv 2210.17323)</source>
        <translation>Rundungsfehler werden von späteren Spalten ausgeglichen (arXiv 2210.17323)</translation>
    </message>
    <message>
        <source>Channels are scaled by their activations before rounding (arXiv 2306.00978)</source>
        <translation>Kanäle werden vor dem Runden nach ihren Aktivierungen skaliert (arXiv 2306.00978)</translation>
    </message>
    <message>
        <source>A random rotation before rounding spreads outliers evenly (arXiv 2404.00456)</source>
        <translation>Eine zufällige Drehung vor dem Runden verteilt Ausreißer gleichmäßig (arXiv 2404.00456)</translation>
    </message>
    <message>
        <source>Rotated by the eigenvectors of XᵀX; K rotated channels stay FP16 (arXiv 2506.13472)</source>
        <translation>Mit den Eigenvektoren von XᵀX gedreht; K gedrehte Kanäle bleiben FP16 (arXiv 2506.13472)</translation>
    </message>
    <message>
        <source>Bits and a codebook for each channel, outliers in FP16 (arXiv 2410.13056)</source>
        <translation>Bits und ein Codebuch für jeden Kanal, Ausreißer in FP16 (arXiv 2410.13056)</translation>
    </message>
    <message>
        <source>Trellis codes with error feedback in a random basis, bits where they matter</source>
        <translation>Trelliscodes mit Fehlerrückführung in einer zufälligen Basis, Bits, wo sie zählen</translation>
    </message>
    <message>
        <source>nearest</source>
        <translation>nächster</translation>
    </message>
    <message>
        <source>per site</source>
        <translation>je Stelle</translation>
    </message>
    <message>
        <source>largest energy</source>
        <translation>größte Energie</translation>
    </message>
    <message>
        <source>smallest energy</source>
        <translation>kleinste Energie</translation>
    </message>
    <message>
        <source>half largest, half smallest</source>
        <translation>halb größte, halb kleinste</translation>
    </message>
    <message>
        <source>head by head</source>
        <translation>Kopf für Kopf</translation>
    </message>
    <message>
        <source>full width</source>
        <translation>volle Breite</translation>
    </message>
    <message>
        <source>salient, not rotated</source>
        <translation>salient, nicht gedreht</translation>
    </message>
    <message>
        <source>neither</source>
        <translation>keines</translation>
    </message>
    <message>
        <source>Layer %1 · %2</source>
        <translation>Schicht %1 · %2</translation>
    </message>
    <message>
        <source>%1 here, %2 there</source>
        <translation>%1 hier, %2 dort</translation>
    </message>
    <message>
        <source>the same model</source>
        <translation>dasselbe Modell</translation>
    </message>
    <message>
        <source>another model</source>
        <translation>anderes Modell</translation>
    </message>
    <message>
        <source>the same text</source>
        <translation>derselbe Text</translation>
    </message>
    <message>
        <source>another text</source>
        <translation>anderer Text</translation>
    </message>
    <message>
        <source>tokens: %1</source>
        <translation>Token: %1</translation>
    </message>
    <message>
        <source>energy E‖x‖²: %1</source>
        <translation>Energie E‖x‖²: %1</translation>
    </message>
    <message>
        <source>the top %1 dimensions hold %2</source>
        <translation>die obersten %1 Dimensionen halten %2</translation>
    </message>
    <message>
        <source>effective dimensions (Σλ)²/Σλ²: %1</source>
        <translation>effektive Dimensionen (Σλ)²/Σλ²: %1</translation>
    </message>
    <message>
        <source>the spectra lie %1 decades apart</source>
        <translation>die Spektren liegen %1 Dekaden auseinander</translation>
    </message>
    <message>
        <source>channels: %1</source>
        <translation>Kanäle: %1</translation>
    </message>
    <message>
        <source>%1 of the %2 strongest original channels are the same</source>
        <translation>%1 der %2 stärksten ursprünglichen Kanäle sind dieselben</translation>
    </message>
</context>
</TS>
