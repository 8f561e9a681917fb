// convert.js <openapi.json> <collection.json>: as Postman imports a document, with its examples as values.
const fs = require("fs");
const converter = require("openapi-to-postmanv2");

const [source, target] = process.argv.slice(2);
const options = {folderStrategy: "Tags", parametersResolution: "Example"};
converter.convertV2({type: "string", data: fs.readFileSync(source, "utf8")}, options, (error, made) => {
  if (error || !made.result) {
    console.error(error || made.reason);
    process.exit(1);
  }
  fs.writeFileSync(target, JSON.stringify(made.output[0].data));
});
