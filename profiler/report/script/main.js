flameGraph(JSON.parse(element("data").textContent));
