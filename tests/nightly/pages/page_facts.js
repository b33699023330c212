// What a page is like: where it leads, its headings, and what is wrong with it.
() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`overflows by ${root.scrollWidth - root.clientWidth} px`);
  if (root.lang !== "en" || !document.title) faults.push("has no language or title");
  for (const name of ["main", "nav", "header"])
    if (document.querySelectorAll(name).length !== 1) faults.push(`has not one ${name}`);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) faults.push("has an id twice");
  for (const field of document.querySelectorAll("input:not([type=hidden]), select"))
    if (!field.labels.length) faults.push(`a field has no label: ${field.outerHTML}`);
  for (const link of document.querySelectorAll("a[href^='#']"))
    if (!document.getElementById(decodeURIComponent(link.hash.slice(1)))) faults.push(`leads nowhere: ${link.hash}`);
  if (document.querySelector("script:not([src]), [style], style, [onerror], img")) faults.push("has inline script or style, or an image");

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour[3] === 255) return colour;
      if (colour[3] !== 0) faults.push(`half transparent: ${e.outerHTML.slice(0, 60)}`);
    }
    return rgb("Canvas");
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (seen.has(element) || !walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    seen.add(element);
    const style = getComputedStyle(element);
    const front = rgb(element instanceof SVGElement ? style.fill : style.color);
    const [low, high] = [luminance(front), luminance(behind(element))].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    if (contrast < 4.5) faults.push(`contrast ${contrast.toFixed(2)}: ${element.outerHTML.slice(0, 100)}`);
  }
  const here = location.protocol === "file:" ? "file:" : location.origin;
  return {
    links: [...document.links].map((link) => link.href).filter((href) => href.startsWith(here)),
    foreign: [...document.links].map((link) => link.href).filter((href) => !href.startsWith(here)),
    headings: [...document.querySelectorAll("h1,h2,h3,h4")].map((e) => Number(e.tagName[1])),
    faults,
  };
};
